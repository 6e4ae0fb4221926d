//! Run a tool with the credential of an account.

use serde_json::{Map, Value};
use tokio::time::Instant;
use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
    error_code::ErrorCode,
    id::ExecutionId,
    tool::{Failure, InputError, Rendered},
};
use valetkey_store::tool_call::ToolCall;

use super::{
    ListedTool,
    answer::Answered,
    failure::NoAnswer,
    list::{granted, not_granted},
};
use crate::{
    App, Caller, Error, FieldViolation, Result,
    account::{Account, AccountAddress},
    call::OpenCall,
};

/// The longest answer of a tool, in bytes of JSON. Published clients refuse messages of 4 MiB.
const LONGEST: usize = 3 * 1024 * 1024;

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

/// What is known of a run, for the log.
struct Run {
    id: ExecutionId,
    started_at: Timestamp,
    begun: Instant,
    account: Option<Account>,
    status: Option<u16>,
    host: String,
}

impl App {
    /// Runs a tool. The input is checked against the schema of the tool and the scopes of the account against what it
    /// needs before anything is sent. A failure of the provider is an error with [`Error::tool`].
    pub async fn execute_tool(
        &self,
        caller: &Caller,
        source: CallSource,
        request: ExecuteTool,
    ) -> Result<Executed> {
        let now = self.clock.now();
        let mut run = Run {
            id: ExecutionId::new(now, self.entropy.as_ref()),
            started_at: now,
            begun: Instant::now(),
            account: None,
            status: None,
            host: String::new(),
        };
        let listed = self.tools().named(&request.name)?.clone();
        let agent_run = request.agent_run_id.clone();
        let ended = self.run_tool(caller, request, &listed, &mut run).await;
        self.record_call(record(caller, source, &listed, agent_run, &run, ended.as_ref().err()));
        let data = ended?;
        Ok(Executed { execution: run.id, data })
    }

    async fn run_tool(
        &self,
        caller: &Caller,
        request: ExecuteTool,
        listed: &ListedTool,
        run: &mut Run,
    ) -> Result<Map<String, Value>> {
        let tool = &listed.tool;
        let input = tool.accept(request.input).map_err(not_accepted)?;
        let address = self.whose(caller, request.address, listed).await?;
        let account = self.snapshot(caller, &address).await?.account.clone();
        run.account = Some(account.clone());
        self.check_provider(&account, listed)?;
        if !granted(&account, listed) {
            return Err(not_granted(&account, listed));
        }
        let open = self.open_call(caller, &address, &tool.name).await?;
        let rendered = tool
            .render(&input, open.fields())
            .map_err(|error| Error::invalid("params", "request", error.to_string()))?;
        let answered = self.answer_of(caller, &address, listed, &rendered, open, run).await?;
        run.status = Some(answered.status());
        let data = tool.shape(answered.reply());
        let length = answered.reply().body.len();
        if length > LONGEST {
            return Err(too_long(&tool.name, length));
        }
        Ok(data)
    }

    /// The answer; where the provider refuses the credential, with a renewed one, once.
    async fn answer_of(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        listed: &ListedTool,
        rendered: &Rendered,
        open: OpenCall,
        run: &mut Run,
    ) -> Result<Answered> {
        let until = run.begun + open.timeout();
        run.host = open.host();
        let mut ended = self.send_tool(&listed.tool, rendered, &open, until).await;
        if matches!(&ended, Err(NoAnswer::Provider(Failure { status: 401, .. })))
            && let Some(renewed) = self.open_again(caller, address, &open).await?
        {
            ended = self.send_tool(&listed.tool, rendered, &renewed, until).await;
        }
        ended.map_err(|ended| match ended {
            NoAnswer::Provider(failure) => {
                run.status = Some(failure.status);
                Error::tool(&run.id, &listed.tool.name, failure)
            }
            NoAnswer::Platform(error) => error,
        })
    }
}

fn not_accepted(error: InputError) -> Error {
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

fn too_long(tool: &str, length: usize) -> Error {
    let message = format!(
        "{tool}: the answer has {length} bytes, more than the {LONGEST} that a tool passes on; ask for less, or get it \
         through the proxy"
    );
    Error::new(ErrorCode::AnswerTooLong, message)
}

fn record(
    caller: &Caller,
    source: CallSource,
    listed: &ListedTool,
    agent_run_id: Option<String>,
    run: &Run,
    error: Option<&Error>,
) -> ToolCall {
    let account = run.account.as_ref();
    let (outcome, error_code, error_message) = match error {
        None => (CallOutcome::Success, String::new(), String::new()),
        Some(error) => match &error.tool {
            Some(failure) => (CallOutcome::ProviderError, failure.code.clone(), failure.message.clone()),
            None => (CallOutcome::PlatformError, error.code.as_str().to_owned(), error.message.clone()),
        },
    };
    ToolCall {
        id: run.id.clone(),
        environment_id: caller.environment.clone(),
        actor: caller.actor.clone(),
        agent_run_id,
        tool_name: listed.tool.name.clone(),
        provider: listed.connector.provider_key.clone(),
        account_id: account.map(|account| account.id.clone()),
        connection_id: account.map(|account| account.connection_id.clone()),
        connection_name: account.map(|account| account.connection_name.clone()).unwrap_or_default(),
        identifier: account.map(|account| account.identifier.clone()).unwrap_or_default(),
        organization_id: account.and_then(|account| account.organization_id.clone()),
        user_id: account.and_then(|account| account.user_id.clone()),
        source,
        outcome,
        status: run.status,
        error_code,
        error_message,
        host: run.host.clone(),
        duration_ms: i64::try_from(run.begun.elapsed().as_millis()).unwrap_or(i64::MAX),
        started_at: run.started_at,
    }
}
