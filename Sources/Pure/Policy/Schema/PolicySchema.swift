import InterlockJSON
import InterlockModel

/// The policy format as one table (docs/specs/policy.md, section 3). Any other key is E201.
package enum PolicySchema {
    /// A whole policy, merged or in one file.
    static let policy = Record("a policy") {
        Field("interlock", .scalar(.versionOne), "The version of the format.", digested: false)
        Field("org", .scalar(.text), "The name of the organisation.")
        Field(
            "revision", .scalar(.text), "A label; the identity of a policy is its digest.",
            digested: false)
        Field("owners", people, "The people who answer for the policy.")
        Field("people", people, "Everyone the policy may name; without it anyone may be.")
        Field(
            "kill_switch", .shorthand(.killSwitch, .record(killSwitch)),
            "How often the kill switch is rehearsed.")
        Field("defaults", .record(defaults), "What holds where nothing is said.", default: [:])
        Field(
            "controls", .map(.effect, .record(control)),
            "The verdict for each effect at each stage.", default: builtInControls)
        Field("approvals", .map(.group, .record(group)), "Groups of people who decide.")
        Field(
            "tiers", .map(.tier, .record(tier)), "What each risk tier demands and allows.",
            default: builtInTiers)
        Field("servers", .map(.server, .record(server)), "The MCP servers and their tools.")
        Field(
            "effects", .list(.record(effectRule), unordered: true),
            "Effects that depend on arguments.")
        Field(
            "forbid", .list(.record(forbid), unordered: true),
            "What never happens; nothing lifts it.")
        Field("agents", .map(.agent, .record(agent)), "The agents and what each may do.")
        Field("elevations", .list(.record(elevation), unordered: true), "Grants with an end.")
        Field(
            "waivers", .list(.record(waiver)), "Warnings that a person answers for until a date.",
            digested: false)
        Field("tests", .list(.record(test)), "What the policy has to decide.", digested: false)
        Field("merge", .record(merge), "The merge gate.")
        Field("eval", .record(eval), "Whose signatures count under evals.")
        Field("tasks", .map(.task, .record(task)), "What a run with this purpose may use.")
        Field("safety", .record(safety), "What happens to values in arguments and results.")
    }

    /// The keys in the file of one agent that are not keys of the agent (docs/specs/policy.md, section 2.4).
    static let agentFileKeys = ["interlock", "agent", "tests"]

    static let agent = Record("an agent") {
        Field("owner", .scalar(.person), "The one person who answers for the agent.")
        Field("purpose", .scalar(.text), "What the agent is for, in one line.")
        Field("tier", .scalar(.tier), "How much harm the agent could do.", default: "low")
        Field(
            "stage", .shorthand(.stage, .record(stage)), "How far the agent is trusted.",
            default: ["is": "observe"])
        Field("review_by", .scalar(.date), "The day until which the review holds.")
        Field("workloads", .record(workloads), "Where the agent runs.")
        Field("sandbox", .shorthand(.sandbox, .record(sandbox)), "What the agent runs in.")
        Field("approvers", .scalar(.name(.group)), "The group that decides for the agent.")
        Field(
            "approval_required", .list(.scalar(.toolReference), unordered: true),
            "Tools that need at least one approval.")
        Field(
            "mcp_scopes",
            .map(
                .server,
                .shorthand(.scope, .list(.shorthand(.grant, .record(agentGrant)), unordered: true))),
            "What the agent may use of each server.")
        Field("data", .map(.qualifiedTool, .record(data)), "What of a result reaches the agent.")
        Field("limits", .record(limits), "How much the agent may do.")
        Field("hooks", .record(hooks), "How a coding agent's hooks behave.")
        Field("scan", .record(scan), "Scanning for secrets in a coding agent's work.")
        Field(
            "taint", .record(taint), "Calls after untrusted content, or with values of it.")
        Field("hours", .record(hours), "When the agent may act.")
        Field("audit", .scalar(.word(["all_tool_calls"])), "What is recorded: everything.")
        Field(
            "kill_switch", .shorthand(.killSwitch, .record(killSwitch)),
            "The drill interval that the agent asks of the organisation.")
    }

    /// A grant of an agent's own scopes.
    static let agentGrant = Record("a grant", oneOf: ["class", "tool"]) {
        grantFields
        Field("only", .record(selection), "Only for these resources, which the tool `selects`.")
    }

    /// A grant of an elevation.
    static let grant = Record("an elevated grant", oneOf: ["class", "tool"]) { grantFields }

    private static let grantFields = [
        Field("class", .scalar(.toolClass), "Every tool of this class."),
        Field("tool", .scalar(.toolReference), "This tool."),
        Field("when", .scalar(.guardText), "Only when this is true."),
        Field("sandboxed", .scalar(.bool), "Only for calls attested as sandboxed."),
    ]

    private static let selection = Record("`only`") {
        Field("database", names, "These databases.")
        Field("schema", names, "These schemas.")
        Field("table", names, "These tables.")
        Field("path", names, "These files, and all below these folders.")
    }

    private static let names = Shape.list(.scalar(.text), unordered: true, single: true)

    static let server = Record("a server") {
        Field("connect", .record(connect), "How the server is reached.")
        Field("reviewed", .record(reviewed), "Who reviewed it, when, and how it is trusted.")
        Field(
            "credentials", .map(.agent, .record(credential)),
            "The credential of each agent; never shared.")
        Field("environment", .scalar(.text), "What the server acts on.", default: "production")
        Field("tools", .map(.tool, .record(tool)), "The tools that exist for the policy.")
        Field("resources", .map(.item, .record(resource)), "Resources, read by `uri`.")
        Field("prompts", .map(.item, .record(prompt)), "Prompts.")
        Field(
            "asks",
            .list(
                .scalar(.word(["sampling", "elicitation_form", "elicitation_url", "roots"])),
                unordered: true), "What the server may ask of the agent's side.")
        Field("data", .record(data), "What of its results reaches any agent.")
    }

    static let connect = Record("`connect`", oneOf: ["http", "stdio"]) {
        Field("http", .scalar(.url), "The address of the server's MCP endpoint.")
        listenerOwner
        privateNames
        Field("stdio", .list(.scalar(.text)), "The program and its arguments.")
        Field("sandbox", .shorthand(.sandbox, .record(sandbox)), "What the program runs in.")
    }

    static let effectRule = Record("an effect rule") {
        Field("id", .scalar(.ruleID), "Its name in records.", required: true)
        Field("tools", patterns, "The tools it is about.", required: true)
        Field("add", .scalar(.effect), "The effect it adds.", required: true)
        Field("when", .scalar(.guardText), "It applies unless this is false.", required: true)
        filters
    }

    static let forbid = Record("a forbid") {
        Field("id", .scalar(.ruleID), "Its name in records.", required: true)
        Field("tools", patterns, "The tools it is about.", required: true)
        Field("when", .scalar(.guardText), "It applies unless this is false.")
        filters
    }

    private static let filters = [
        Field("classes", classes, "Only tools of these classes."),
        Field("agents", .list(.scalar(.name(.agent)), unordered: true), "Only these agents."),
        Field("tiers", .list(.scalar(.tier), unordered: true), "Only agents of these tiers."),
    ]

    static let elevation = Record("an elevation") {
        Field("id", .scalar(.ruleID), "Its name in records.", required: true)
        Field("agent", .scalar(.name(.agent)), "Who gets it.", required: true)
        Field(
            "grant", .map(.server, .list(.shorthand(.grant, .record(grant)), unordered: true)),
            "What it gives, written like `mcp_scopes`.", required: true)
        Field("from", .scalar(.timestamp), "When it begins.", required: true)
        Field("until", .scalar(.timestamp), "When it has ended.", required: true)
        Field("approved_by", people, "The distinct people who approved it.")
        Field("reason", .scalar(.text), "Why it is needed.")
        Field("ticket", .scalar(.text), "Where it is followed up; the id when absent.")
    }

    package static let waiver = Record("a waiver") {
        Field("lint", .scalar(.lintCode), "The warning.", required: true)
        Field("at", .scalar(.text), "The path it covers, and all below.", required: true)
        Field("owner", .scalar(.person), "Who answers for it.", required: true)
        Field("until", .scalar(.date), "Its last day, at most 180 ahead.", required: true)
        Field("reason", .scalar(.text), "Why it is acceptable.", required: true)
    }

    package static let test = Record("a test") {
        Field("name", .scalar(.text), "What is tested.")
        Field("agent", .scalar(.name(.agent)), "Who calls.", required: true)
        Field("call", .scalar(.toolReference), "`server.tool`.", required: true)
        Field("args", .json, "The arguments, as JSON.")
        Field("at", .scalar(.timestamp), "When.")
        Field("stage", .scalar(.stage), "At which stage; the agent's own when absent.")
        Field("counters", .map(.counter, .scalar(.integer(0...count))), "What was used already.")
        Field(
            "level", .scalar(.word(TaintLevel.allCases.map(\.name))),
            "The level of the run: what it has read (default: clean, or untrusted if `tainted`).")
        Field(
            "tainted", .scalar(.bool),
            "Whether untrusted content was read: `true` alone is `level: untrusted`.")
        Field(
            "label", words(ValueLabel.self),
            "The worst label of the call's values (default: request; untrusted above level clean).")
        Field("purpose", .scalar(.name(.task)), "The task of the run.")
        Field("on_behalf_of", .scalar(.person), "For whom.")
        Field("expect", .scalar(.verdict), "The verdict.", required: true)
        Field("because", .scalar(.text), "The reason, or the rule that decided.")
        Field(
            "obligations", .list(.scalar(.text), unordered: true),
            "The exact set of data obligations.")
    }

    static let limits = Record(
        "`limits`", others: .init(keys: .qualifiedTool, shape: .scalar(.rate))
    ) {
        Field("calls", .scalar(.rate), "All calls together.")
        Field("spend", .list(.record(spend), single: true), "Sums over an argument.")
    }

    static let group = Record("a group") {
        Field("members", people, "Who may decide.", required: true)
        Field("expires", .scalar(.duration), "How long a request waits.", default: 900)
        Field(
            "escalate", .record(escalate),
            "Who is notified and may decide as well if the group does not decide in time.")
        Field(
            "delegates", .scalar(.word(DelegateChoice.allCases.map(\.rawValue))),
            "To whom members may pass their seats; to anyone who is enrolled when absent.")
        Field(
            "denials", .scalar(.word(DenialDisclosure.allCases.map(\.rawValue))),
            "Whether the agent receives the reason of a denial; withheld by default.")
    }

    static let tier = Record("a tier") {
        Field("classes", classes, "The classes that can be granted.")
        Field("calls", .scalar(.rate), "The default and ceiling of `limits.calls`.")
        Field(
            "require", .list(.scalar(.word(["approvers", "egress", "data"])), unordered: true),
            "What an agent has to state.", default: [])
    }

    static let defaults = Record("`defaults`") {
        Field("unlisted_tool", .scalar(.word(["deny"])), "Always deny.", default: "deny")
        Field(
            "audit", .scalar(.word(["all_tool_calls"])), "Always everything.",
            default: "all_tool_calls")
        Field("elevation", .record(elevationDefaults), "Bounds of elevations.", default: [:])
        Field("egress", egress, "What every agent may reach.", default: [])
    }

    static let egressRule = Record("an egress rule") {
        Field(
            "host", .scalar(.text),
            "The canonical host, or `*.` and a name for every name below it.", required: true)
        Field(
            "ports", .list(.scalar(.integer(1...65_535)), unordered: true),
            "Its ports (default: 443).")
        Field(
            "protocol", .scalar(.word(EgressSpec.Content.allCases.map(\.rawValue))),
            "What is spoken and checked (default: `tls`); nothing is checked of `tcp`.")
        Field("private", .scalar(.bool), "Whether private addresses are allowed (default: no).")
        Field(
            "ech", .scalar(.word(["deny", "allow"])),
            "Encrypted client hello, of `tls` alone (default: `deny`).")
        Field(
            "max_bytes_up", .scalar(.byteCount),
            "What may leave in one run, 1KiB to 1024GiB (default: 50MiB).")
    }

    private static let control = Record("a control") {
        Field("supervised", .scalar(.verdict), "At stage supervised.", required: true)
        Field("trusted", .scalar(.verdict), "At stage trusted.", required: true)
    }
    private static let killSwitch = Record("a kill switch") {
        Field("scope", .scalar(.word(["org-wide"])), "Always everything.", default: "org-wide")
        Field("drill_every", .scalar(.duration), "How often it is rehearsed.", required: true)
        Field("last_drill", .scalar(.date), "The last rehearsal known here.")
    }
    private static let elevationDefaults = Record("`defaults.elevation`") {
        Field("max", .scalar(.duration), "How long one may last.", default: 28_800)
        Field("approvers", .scalar(.integer(1...9)), "How many have to approve.", default: 2)
    }
    private static let escalate = Record("`escalate`") {
        Field("after", .scalar(.duration), "When.", required: true)
        Field("to", .scalar(.person), "Who.", required: true)
    }
    private static let reviewed = Record("`reviewed`") {
        Field("by", .scalar(.person), "Who.", required: true)
        Field("on", .scalar(.date), "When.", required: true)
        Field(
            "trust", .scalar(.word(["internal", "partner", "external"])),
            "A run that uses a partner's or an external server is tainted.", required: true)
    }
    private static let credential = Record("a credential") {
        Field("header", .scalar(.text), "The header that carries it.", required: true)
        Field("secret", .scalar(.text), "Its name at the provider.", required: true)
        Field(
            "rotate_by", .shorthand(.rotation, .record(rotation)),
            "The last day it should be used: alerts are raised 14 and 1 days before, and daily after it."
        )
    }
    static let rotation = Record("`rotate_by`") {
        Field("on", .scalar(.date), "The last day it should be used.", required: true)
        Field(
            "after", .scalar(.word(CredentialRotation.After.allCases.map(\.rawValue))),
            "`refuse`: no call is sent with it after that day. Without it, `alert`.")
    }
    private static let stage = Record("`stage`") {
        Field("is", .scalar(.stage), "The stage.", required: true)
        Field("since", .scalar(.date), "Since when.")
        Field("by", .scalar(.person), "Who decided it.")
        Field("evidence", .scalar(.text), "On what grounds.")
    }
    private static let workloads = Record("`workloads`") {
        Field("mtls", .scalar(.text), "The key of its TLS certificate.")
        Field("uid", .scalar(.integer(0...4_294_967_294)), "Its user id.")
        Field("run", .scalar(.bool), "Whether it may call from inside a run of `interlock run`.")
    }
    private static let spend = Record("`spend`") {
        Field("field", .scalar(.fieldPath), "The argument that is summed up.", required: true)
        Field("tool", .scalar(.toolReference), "The tool.", required: true)
        Field("max", .scalar(.rate), "The sum at most.", required: true)
    }
    private static let hours = Record("`hours`") {
        Field(
            "days", .shorthand(.days, .list(.scalar(.word(weekDays)), unordered: true)),
            "On which days.")
        Field("from", .scalar(.clock), "From when.", required: true)
        Field("to", .scalar(.clock), "Until before when.", required: true)
        Field("tz", .scalar(.zone), "In which time zone.", required: true)
    }
    private static let scan = Record("`scan`") {
        Field("history", .scalar(.bool), "Whether the history is scanned too.")
        Field("waive", .list(.record(scanWaiver), unordered: true), "Findings that were reviewed.")
    }
    private static let scanWaiver = Record("a scan waiver") {
        Field("path", .scalar(.text), "The file, below the workspace.", required: true)
        Field("rule", .scalar(.text), "Rule, never `brokered-value` or `canary`.", required: true)
        Field(
            "sha256", .scalar(.text), "The digest of the file, as `sha256sum` prints it.",
            required: true)
        Field("owner", .scalar(.person), "Who answers for it.", required: true)
        Field("until", .scalar(.date), "Its last day, at most 180 days ahead.", required: true)
        Field("reason", .scalar(.text), "Why agents may see it.", required: true)
    }
    private static let taint = Record("`taint`") {
        Field(
            "mode", .scalar(.word(["strict", "provenance"])),
            "`strict`: all but reads need a person; `provenance` (default): by origin of values.")
        Field(
            "hostile", .scalar(.word(["approve", "deny"])),
            "`deny`: grave calls of a hostile run are denied.")
    }
    private static let merge = Record("`merge`") {
        Field(
            "wip_limit", .record(wipLimit),
            "Open changes by agents for each person who merges; default: 5 and 2,000 lines, warn.")
    }
    private static let wipLimit = Record("`wip_limit`") {
        Field("changes", .scalar(.integer(1...10_000)), "The most other open changes.")
        Field("lines", .scalar(.integer(1...10_000_000)), "The most changed lines of all of them.")
        Field(
            "over", words(MergeLimit.Consequence.self),
            "Whether a merge at the limit is reported, which is the default, or waits.")
    }

    static let people: Shape = .list(.scalar(.person), unordered: true)
    private static let classes: Shape = .list(.scalar(.toolClass), unordered: true)
    static let effects: Shape = .list(.scalar(.effect), unordered: true)
    private static let patterns: Shape = .list(.scalar(.toolPattern), unordered: true, single: true)
    static let fieldPaths: Shape = .list(.scalar(.fieldPath), unordered: true)
    static let egress: Shape = .list(.shorthand(.egress, .scalar(.hostAndPort)), unordered: true)
    private static let count: Int64 = 1_000_000_000_000
}
