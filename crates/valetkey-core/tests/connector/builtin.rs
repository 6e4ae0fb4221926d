use valetkey_core::connector::{Registry, builtin, json_schema, parse_yaml, validate};

#[test]
fn every_definition_is_valid_and_its_folder_has_the_name_of_its_slug() {
    for (file, text) in builtin() {
        let connector = parse_yaml(file, text).unwrap_or_else(|errors| {
            panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        assert_eq!(*file, format!("connectors/{}/connector.yaml", connector.slug));
        assert_eq!(connector.provider_key, connector.provider_key.to_uppercase(), "{file}");
        assert!(connector.documentation.is_some(), "{file} names the provider's documentation");
        assert!(connector.setup.is_some(), "{file} tells operators what to do");
        assert_eq!(validate(&connector), vec![], "{file}");
        assert!(text.starts_with("# yaml-language-server: $schema=../connector.schema.json\n"), "{file}");
    }
}

#[test]
fn every_definition_satisfies_the_json_schema() {
    let schema = jsonschema::validator_for(&json_schema()).unwrap();
    for (file, text) in builtin() {
        let document = valetkey_core::connector::Document::parse(file, text).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(document.value())
            .map(|error| format!("{file}: {}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
}

/// To write the files anew, run the tests with `UPDATE_SCHEMA=1`.
#[test]
fn the_committed_json_schemas_are_those_of_the_types() {
    for (name, schema) in [("connector", json_schema()), ("tools", valetkey_core::tool::json_schema())] {
        let file = format!("{}/../../connectors/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&file, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == current,
            "connectors/{name}.schema.json is out of date; run with UPDATE_SCHEMA=1"
        );
    }
}

#[test]
fn a_definition_survives_its_json_form() {
    let registry = Registry::from_sources(builtin(), &[]).unwrap();
    for connector in registry.iter() {
        let json = serde_json::to_value(connector).unwrap();
        let back: valetkey_core::connector::Connector = serde_json::from_value(json).unwrap();
        assert_eq!(back, **connector);
    }
}
