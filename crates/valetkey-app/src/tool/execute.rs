//! Run a tool with the credential of an account.

use serde_json::{Map, Value};
use valetkey_core::{
    call::CallSource,
    error_code::ErrorCode,
    id::ExecutionId,
    tool::{InputError, Rendered},
};

use super::{
    ListedTool,
    answer::Answered,
    failure::NoAnswer,
    list::{granted, not_granted},
    run::Run,
};
use crate::{App, Caller, Error, FieldViolation, Result, account::AccountAddress, call::OpenCall};

/// A tool to run.
#[derive(Clone, Debug, Default)]
pub struct ExecuteTool {
    /// The tool.
    pub name: String,
    /// With which account: by id, by connection name and identifier, or by the identifier alone.
    pub address: AccountAddress,
    /// The input.
    pub input: Map<String, Value>,
    /// The run of the agent that this belongs to.
    pub agent_run_id: Option<String>,
}

/// A tool that was run.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Its id in the log.
    pub execution: ExecutionId,
    /// What came of it. Never empty.
    pub data: Map<String, Value>,
}

impl App {
    /// Runs a tool. The input is checked against the schema of the tool and the scopes of the account against what it
    /// needs before anything is sent. A failure of the provider is an error that carries it.
    pub async fn execute_tool(
        &self,
        caller: &Caller,
        source: CallSource,
        request: ExecuteTool,
    ) -> Result<Executed> {
        let listed = self.tools().named(&request.name)?.clone();
        let mut run = Run::begin(self, caller, source, &listed, &request);
        let ended = self.run_tool(caller, request, &listed, &mut run).await;
        run.ended(ended.as_ref().err());
        Ok(Executed { execution: run.call.id.clone(), data: ended? })
    }

    async fn run_tool(
        &self,
        caller: &Caller,
        request: ExecuteTool,
        listed: &ListedTool,
        run: &mut Run<'_>,
    ) -> Result<Map<String, Value>> {
        let tool = &listed.tool;
        let input = tool.accept(request.input).map_err(|error| not_accepted(&error))?;
        let address = self.whose(caller, request.address, listed).await?;
        let account = self.snapshot(caller, &address).await?.account.clone();
        run.with(&account);
        self.check_provider(&account, listed)?;
        if !granted(&account, listed) {
            return Err(not_granted(&account, listed));
        }
        let open = self.open_call(caller, &address, &tool.name).await?;
        let rendered = tool
            .render(&input, open.fields())
            .map_err(|error| Error::invalid("params", "request", error.to_string()))?;
        let answered = self.answer_of(caller, &address, listed, &rendered, open, run).await?;
        run.call.status = Some(answered.status());
        Ok(tool.shape(answered.reply()))
    }

    /// The answer; where the provider refuses the credential, with a renewed one, once.
    async fn answer_of(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        listed: &ListedTool,
        rendered: &Rendered,
        open: OpenCall,
        run: &mut Run<'_>,
    ) -> Result<Answered> {
        let until = run.begun + open.timeout();
        run.call.host = open.host(&rendered.target);
        let mut ended = self.send_tool(&listed.tool, rendered, &open, until).await;
        if matches!(&ended, Err(NoAnswer::Provider { refused: true, .. }))
            && let Some(renewed) = self.open_again(caller, address, &open, &listed.tool.name).await?
        {
            ended = self.send_tool(&listed.tool, rendered, &renewed, until).await;
        }
        ended.map_err(|ended| match ended {
            NoAnswer::Provider { failure, .. } => {
                run.call.status = Some(failure.status);
                Error::tool(&run.call.id, &listed.tool.name, failure)
            }
            NoAnswer::Platform(error) => error,
        })
    }
}

fn not_accepted(error: &InputError) -> Error {
    let violations = error.problems.iter().map(|problem| FieldViolation {
        field: if problem.field.is_empty() { "params".into() } else { format!("params.{}", problem.field) },
        description: problem.reason.clone(),
        constraint: "input_schema".into(),
    });
    let violations = violations.collect();
    Error {
        violations,
        ..Error::new(ErrorCode::InvalidArgument, format!("invalid argument: params: {error}"))
    }
}
