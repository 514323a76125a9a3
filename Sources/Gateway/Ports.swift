package import InterlockJSON
package import InterlockMCP
package import InterlockModel

// The doors between the gateway and the world. Each comment is a contract; an implementation that
// keeps it may replace any other.

/// The upstream MCP servers. Sessions, eras, pooling and processes stay behind this door.
package protocol Upstreams: ResourceFollowing {
    /// What is known of a server now, from memory. Definitions were seen at connect, or since.
    func view(of server: ServerName) -> ServerView

    /// What it lists beside its tools, from memory. Each change raises the view's `generation`, after it is
    /// told here; a server that is away keeps what it listed.
    func offers(of server: ServerName) -> ServerOffers

    /// Sends one call and waits for its end. Once a byte was sent it goes out again only where the server
    /// itself says that it did not carry the call out, each time under a new id: its credential was turned away
    /// (401 once, 403 for more scopes twice), its session is gone (404), it speaks another era, or its headers
    /// were not taken (-32020, once, of a tool that is as it was). That word is believed. Silence, a broken
    /// connection and every other answer are never retried. Ends early when `call.cancel` is cancelled, after
    /// having told the upstream, within one second.
    func call(_ call: UpstreamCall) async -> UpstreamAnswer

    /// Answers of the server that answered nothing, since it was configured; they were dropped.
    func strayAnswers(of server: ServerName) -> Int

    /// Ends at once the children that serve what is halted, idle ones too; none of them is started again
    /// while it is halted. Calls are cancelled by their tokens, not here.
    ///
    /// - Parameter isHalted: asked now; the agent is nil for the gateway's own sessions.
    /// - Returns: before they are gone, what counts those that are left.
    @discardableResult
    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren
}

package enum ServerView: Sendable {
    case unknown
    case connecting
    /// Not offered, with the reason.
    case unavailable(String)
    /// Changes of definitions raise `generation`.
    case ready(generation: UInt64, tools: [JSONValue])
}

/// Definitions as they came; empty where the server has none.
package struct ServerOffers: Sendable, Equatable {
    package var resources: [JSONValue] = []
    package var templates: [JSONValue] = []
    package var prompts: [JSONValue] = []
    package var subscriptions = ResourceSubscriptions.none
    /// As it said when it was met last.
    package var instructions: String?
    /// The lists of sessions of single agents that announced a change and then listed something else.
    package var apart: [AgentLists] = []

    package init() {}
}

/// The definitions that the session of one agent lists, and no other.
package struct AgentLists: Sendable, Equatable {
    package struct Definitions: Sendable, Equatable {
        package let tools: [JSONValue]
        package let prompts: [JSONValue]

        package init(tools: [JSONValue], prompts: [JSONValue]) {
            self.tools = tools
            self.prompts = prompts
        }
    }

    package let agent: AgentName
    /// nil: the session announced a change and does not list what it is. Any definition may be another one.
    package let definitions: Definitions?

    package init(agent: AgentName, tools: [JSONValue], prompts: [JSONValue]) {
        self.agent = agent
        definitions = Definitions(tools: tools, prompts: prompts)
    }

    package init(unknownOf agent: AgentName) {
        self.agent = agent
        definitions = nil
    }
}

package struct UpstreamCall: Sendable {
    package let call: CallID
    package let agent: AgentName
    package let address: ToolAddress
    /// Made of what was judged.
    package let request: UpstreamRequest
    package let idleLimit: Duration
    package let hardLimit: Duration
    package let cancel: CancelToken
    /// What its server says meanwhile; nil where nobody asked to hear it.
    package let notices: (any NoticeSink)?
    /// Answers what the server asks in the course of the call; nil where it may ask nothing.
    package let input: (any InputSink)?

    package init(
        call: CallID, agent: AgentName, address: ToolAddress, request: UpstreamRequest,
        idleLimit: Duration, hardLimit: Duration, cancel: CancelToken,
        notices: (any NoticeSink)?, input: (any InputSink)? = nil
    ) {
        self.call = call
        self.agent = agent
        self.address = address
        self.request = request
        self.idleLimit = idleLimit
        self.hardLimit = hardLimit
        self.cancel = cancel
        self.notices = notices
        self.input = input
    }
}

package enum UpstreamAnswer: Sendable {
    /// The method's result, not checked, and its exact bytes.
    case result(JSONObject, bytes: [UInt8])
    /// The upstream's JSON-RPC error.
    case rpcError(code: Int64, message: String)
    /// The upstream did nothing, since the call did not declare these capabilities.
    case unmet(JSONObject, reason: String)
    case failed(UpstreamOutcome, reason: String)
    case timedOut(UpstreamOutcome)
    /// Not sent, because calls to it fail; one may be sent again after so long.
    case breakerOpen(Duration)
    /// Cancelled; `confirmed` when the upstream never got the call.
    case cancelled(confirmed: Bool)
}

/// Whose credential this is. Called on the loop for every request: from a cache, without waiting.
package protocol Authenticator: Sendable {
    /// - Parameter bearer: the token of the Authorization header, nil without one.
    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal

    /// Rises, before a revocation returns, whenever a credential may no longer count for another
    /// reason than its time or its agent. While it stands still, an identification that began after
    /// it was read holds from its own time to the principal's expiry.
    var revocations: UInt64 { get }

    /// Runs of which no credential counts any more, whatever its time, for as long as one could live.
    var revokedRuns: [RunID] { get }

    /// Refuses every credential of these runs from now on.
    func revoke(runs: [RunID], now: Timestamp)
}

package enum IdentityFailure: Error, Equatable, Sendable {
    case missing
    case malformed
    case badSignature
    case wrongAudience
    case expired
    case notYetValid
    case unknownAgent(String)
    /// Its review is more than 14 days late.
    case overdueAgent(String)
    case revoked
    /// It names an algorithm, a type or a condition that this gateway does not take.
    case unsupportedToken
    /// Neither this gateway's nor of an issuer that is trusted here.
    case unknownIssuer
    /// Its issuer has no such key, as far as is known; the keys are looked at again.
    case unknownKey
    /// The issuer's keys could not be fetched, or not for too long.
    case noKeys
    /// It stands for no agent here.
    case unknownClient
    /// The policy names where the agent runs, and this is elsewhere.
    case foreignWorkload
    /// Another workload used it first.
    case boundElsewhere
    /// Nothing more can be remembered of where credentials are used.
    case noRoom
}

/// Where requests for approval live. Each method returns when the change is durable.
package protocol ApprovalStore: Sendable {
    /// Every request whose row is in none of the final states, in its stored JSON form. A row in the state
    /// `using` is open here too: the log says whether it was used. Besides, those made since a time that
    /// were denied or ran out, oldest first; of more than `mostRefused` the newest.
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows
    /// Of requests in a final state the newest, in their stored JSON form, newest first, and how many of these do
    /// not read.
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int)
    func insert(id: ApprovalID, state: String, revision: Int, body: JSONValue)
        async throws(StoreFailure)
    /// Compare-and-set on (id, revision, state). False: somebody else was first, nothing changed.
    func replace(
        id: ApprovalID, revision: Int, state: String, with newState: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool
    /// Uses up a nonce for ever. False: it was used before.
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool
}

package struct ApprovalRows: Sendable {
    package let open: [JSONValue]
    package let refused: [JSONValue]
    /// Ids of rows that do not read as they were written: those requests can never be granted.
    package let unreadable: [String]

    package static let mostRefused = 10_000

    package init(open: [JSONValue], refused: [JSONValue], unreadable: [String] = []) {
        self.open = open
        self.refused = refused
        self.unreadable = unreadable
    }
}

package struct StoreFailure: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

/// Makes pseudonyms of people (HMAC-SHA256, first 16 bytes; specs of the ledger, section 5).
package protocol Pseudonyms: Sendable {
    func pseudonym(of person: Person) -> Pseudonym
}

/// Starts stdio servers behind walls. A command that cannot be walled in is not started at all.
package protocol ChildLauncher: Sendable {
    /// Returns as soon as the process exists; the caller owns the descriptors and reaps the child. Where the
    /// command has its reviewed code that is read first, which blocks: not on a loop.
    ///
    /// - Throws: `isOtherCode` when the code is not as reviewed; then nothing was started.
    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild

    /// The same, off the caller's thread.
    func launchApart(_ command: ChildCommand) async -> Result<LaunchedChild, LaunchFailure>
}

extension ChildLauncher {
    package func launchApart(
        _ command: ChildCommand
    ) async -> Result<LaunchedChild, LaunchFailure> {
        do throws(LaunchFailure) { return .success(try launch(command)) } catch {
            return .failure(error)
        }
    }
}

package struct ChildCommand: Sendable {
    package let server: ServerName
    /// The agent whose calls this process will serve; nil for the gateway's own catalogue session.
    package let agent: AgentName?
    package let argv: [String]
    /// The whole environment of the child: nothing is inherited.
    package let environment: [(String, String)]
    /// As people reviewed it; nil where the lock has none, and nothing is checked.
    package let code: ProgramCode?
    package let network: ServerNetwork

    package init(
        server: ServerName, agent: AgentName?, argv: [String], environment: [(String, String)],
        code: ProgramCode? = nil, network: ServerNetwork = .own
    ) {
        self.server = server
        self.agent = agent
        self.argv = argv
        self.environment = environment
        self.code = code
        self.network = network
    }
}

/// A running child; the descriptors are non-blocking and close on exec.
package struct LaunchedChild: Sendable {
    package let pid: Int32
    /// Readable when the child has ended.
    package let pidfd: Int32
    package let stdin: Int32
    package let stdout: Int32
    package let stderr: Int32
    /// Looks once more, off the caller's thread, whether code was written since it was checked, for interpreters
    /// read theirs after the start: one sentence, or nil where nothing was. nil where nothing was checked.
    package let changes: (@Sendable () async -> String?)?

    package init(
        pid: Int32, pidfd: Int32, stdin: Int32, stdout: Int32, stderr: Int32,
        changes: (@Sendable () async -> String?)? = nil
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.changes = changes
    }
}

package struct LaunchFailure: Error, Sendable {
    package let reason: String
    /// The code of the command is not as reviewed: trying again is of no use.
    package let isOtherCode: Bool
    package init(reason: String, isOtherCode: Bool = false) {
        self.reason = reason
        self.isOtherCode = isOtherCode
    }
}

/// Makes credentials for agents. Pure computation; nothing is kept of a token but its id.
package protocol TokenIssuer: Sendable {
    /// - Throws: when lifetime or purpose is out of bounds.
    func issue(_ order: TokenOrder, now: Timestamp) throws(TokenRefusal) -> IssuedToken
}

package struct TokenOrder: Sendable {
    package let agent: AgentName
    /// nil for a new run.
    package let run: RunID?
    package let purpose: String?
    package let onBehalfOf: Person?
    /// nil for all that the policy grants.
    package let scopes: ScopeSet?
    package let lifetime: Duration
    package init(
        agent: AgentName, run: RunID?, purpose: String?, onBehalfOf: Person?,
        scopes: ScopeSet? = nil, lifetime: Duration
    ) {
        self.agent = agent
        self.run = run
        self.purpose = purpose
        self.onBehalfOf = onBehalfOf
        self.scopes = scopes
        self.lifetime = lifetime
    }
}

package struct IssuedToken: Sendable {
    package let token: String
    package let id: String
    package let run: RunID
    package let expires: Timestamp
    package init(token: String, id: String, run: RunID, expires: Timestamp) {
        self.token = token
        self.id = id
        self.run = run
        self.expires = expires
    }
}

package struct TokenRefusal: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}
