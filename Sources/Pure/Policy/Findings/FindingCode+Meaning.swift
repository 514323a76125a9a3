extension FindingCode {
    /// The meaning of the code and its remedy.
    package var meaning: (says: String, remedy: String) { row(of: self) }
}

/// One row of the table of findings.
private func row(of code: FindingCode) -> (says: String, remedy: String) {
    switch code {
    case .forbiddenCharacter:
        (
            "the file holds bytes that are not UTF-8, or a character that editors show wrongly",
            "save it as UTF-8 without a byte order mark, with plain line breaks"
        )
    case .yamlSyntax: ("the file is not YAML", "fix the syntax error at this location")
    case .anchor: ("an anchor or an alias", "write the value out where it is used")
    case .tag: ("a tag or a directive", "leave it out; the format gives every value its type")
    case .keyNotScalar: ("a merge key, or a key that is not one word", "write the keys out")
    case .secondDocument: ("a second document in one file", "write a second file")
    case .tab: ("a tab character", "replace it with spaces")
    case .duplicateKey: ("duplicate key in one mapping", "keep one of them")
    case .tooLarge: ("a file, a value or a count is over its limit", "split the policy")
    case .emptyFile: ("the file holds nothing", "remove it, or write the policy")
    case .unknownKey:
        ("no such key here", "use a key of `interlock policy schema --reference`, or leave it out")
    case .wrongShape:
        (
            "a list, a mapping or one value is expected",
            "write it as `interlock policy schema --reference` has it"
        )
    case .wrongType:
        (
            "the value is not written as its type is",
            "write it as `interlock policy schema --reference` has it"
        )
    case .missingKey: ("a required key is missing", "add it")
    case .outOfRange: ("the value is outside of its range", "use a value of the range")
    case .unknownVersion: ("another version of the format", "write `interlock: 1`")
    case .noSuchTool:
        ("no such class or tool", "name one of the server, or describe it in `servers`")
    case .noSuchName:
        (
            "no such server, group, tier, agent, effect, stage or person",
            "name one that the policy states, or add it"
        )
    case .ambiguousTool: ("several servers have a tool of this name", "write `server.tool`")
    case .wildcardGrant: ("a wildcard in a grant", "name the tools, or grant a class")
    case .malformedName:
        (
            "a name is malformed or reserved",
            "write it as `interlock policy schema --reference` has it"
        )
    case .classMissing: ("a tool without exactly one class", "state its class")
    case .keepWithDrop: ("`keep` and `drop` for one tool", "state one of them")
    case .unfitSelection:
        (
            "`only` or `selects` names what cannot be compared with a call",
            "name plain values, and in the tool's `selects` the argument that has them"
        )
    case .unfitUnit:
        (
            "`units` declares a unit for no argument of the tool, or for one that is no number, or a currency that does not exist",
            "name a numeric argument of the reviewed schema, and where its currency is"
        )
    case .unfitSandbox:
        (
            "two keys of a `sandbox` contradict each other, or one asks for what the sandbox sets itself",
            "keep what the message names"
        )
    case .refusedPath:
        (
            "a path of `sandbox.read` or `writable_cache` that no sandbox shows",
            "name the folder that is needed; a cache lies below `/home/agent`"
        )
    case .secretInSandbox:
        (
            "`env` has a token as a value, or `pass_env` a name that looks like that of a secret",
            "write it under `secrets`"
        )
    case .unfitFlow:
        (
            "`source`, `keys`, `intent`, `provenance`, `accepts` or `returns` of a tool names nothing, or what the tool cannot have",
            "name arguments and fields of the reviewed schemas, or leave it out"
        )
    case .contradictedLevel:
        ("a test states a `level` that its `tainted` contradicts", "leave `tainted` out")
    case .unfitSafety:
        (
            "`safety` lowers what no policy lowers, or a waiver in it is not of one class at one argument",
            "keep the class as it is, or write the waiver as the message says"
        )
    case .guardSyntax: ("the guard is not CEL", "fix the syntax error at this location")
    case .guardTooLarge: ("the guard is too long, too deep or too nested", "split the rule")
    case .guardUndeclared:
        ("the guard names something that does not exist", "use `args`, `call`, `agent` or `now`")
    case .guardFunction: ("no such function", "use a function of docs/policy.md")
    case .guardNotBool: ("the guard does not give true or false", "compare with something")
    case .guardPattern:
        ("the pattern is not constant, too long or malformed", "write a constant in RE2's syntax")
    case .guardStringBuilding: ("text is built inside of a macro", "compare the parts instead")
    case .guardCost: ("the guard may take more steps than a decision has", "make it simpler")
    case .guardStyle: ("the guard is folded over lines", "one line, or a literal block (`|`)")
    case .guardField: ("the tool's schema has no such field", "name a field of the reviewed schema")
    case .guardOperation:
        (
            "the operation fits no kind that the field can have",
            "use an operation of its kind in the reviewed schema"
        )
    case .guardComparison: ("values of different kinds are compared", "compare like with like")
    case .guardArithmetic:
        ("arithmetic on a `number`, which may be whole or not", "convert it with `double(...)`")
    case .guardZone: ("the time zone is not constant or unknown", "write a tz database name")
    case .guardSchema: ("the tool's schema cannot be used for typing", "pin a sound schema")
    case .duplicateName: ("a name, a key or the user of hooks is stated twice", "keep one of them")
    case .outOfPlace: ("a file or key does not belong there", "move or remove it")
    case .idIsReason: ("an id is the name of a reason", "choose another id")
    case .sharedCredential: ("two agents share one credential", "give each its own")
    case .reversedWindow: ("a window ends before it begins", "swap its ends")
    case .lockUnusable:
        ("the lock file cannot be read, or a digest in it is wrong", "pin the servers again")
    case .testNamesUnknown: ("a test names an unknown agent or tool", "mend the name")
    case .classBelowFloor:
        ("the class is below what the server's own annotations say", "raise the class")
    case .noOwner: ("the agent has no owner", "name one person")
    case .noPurpose: ("the agent has no purpose", "say in one line what it is for")
    case .noTier: ("the agent has no tier, and counts as low", "state the tier")
    case .noStage: ("the agent has no stage, and counts as observe", "state the stage")
    case .noReview: ("the agent has no review date", "state `review_by`")
    case .reviewExpired: ("the agent's review is overdue", "review it, and set the next date")
    case .grantAboveTier: ("a grant of a class above the agent's tier", "raise the tier or drop it")
    case .limitAboveTier: ("a limit above the tier's", "lower it")
    case .tierDemands: ("what the tier requires is missing", "state it")
    case .noApprovers: ("a call can need approval, and the agent has no group", "name `approvers`")
    case .groupTooSmall: ("fewer eligible members than a quorum needs", "add members")
    case .serverNotDescribed: ("the scope's server is not described", "describe it in `servers`")
    case .toolNotDescribed:
        ("`approval_required` names a tool of no described server", "describe its server")
    case .elevationEnded: ("the elevation ended more than 7 days ago", "remove it")
    case .elevationUnfit:
        (
            "the elevation is too long, lacks approvers or a reason, or too few people can decide its calls",
            "ask for a new one"
        )
    case .graveEffectAllowed: ("a grave effect is allowed without approval", "ask for approval")
    case .tierTooLax: ("a tier is less strict than a lower one", "make it stricter")
    case .drillInterval:
        ("an agent demands more frequent drills than the organisation", "shorten `drill_every`")
    case .ownerLeft:
        (
            "every credential of the agent's owner was revoked on the gateway",
            "name another owner, or enrol the person again"
        )
    case .shellAllowsProduction:
        (
            "an entry of `shell_allow` would allow a command that deploys or changes production",
            "write out the words that make it another command"
        )
    case .grantWithoutEffect: ("the grant can never take effect", "remove it")
    case .guardConstant: ("the guard is always true, or never", "leave it out, or mend it")
    case .forbidWithoutEffect: ("the forbid matches nothing", "mend or remove it")
    case .scopeUnused:
        ("no call used the scope for 30 days, by the log (`policy check --used`)", "remove it")
    case .wholeClassGrant:
        ("a whole class of destructive, or more than 20 tools, is granted", "name the tools")
    case .negatedTest:
        ("the guard of a grant excludes names instead of listing them", "name what is granted")
    case .spendUnbounded:
        ("a summed argument has no upper bound in one call", "bound it in the guard")
    case .guardOptionalField:
        ("the guard reads an optional field without `has()`", "ask `has()` first")
    case .egressWildcard: ("an egress rule with a wildcard", "name the hosts")
    case .ownerInGroup: ("the owner is in the group that decides", "choose another group")
    case .drillOverdue: ("the kill switch was not rehearsed in time", "rehearse it")
    case .exfiltrationPath:
        ("one agent reads sensitive data and can send to the outside", "split the agent")
    case .approvalAloneGrants:
        ("`approval_required` alone grants a destructive or admin tool", "write a scope")
    case .approvalOfReversible:
        ("people are asked for what can be undone", "leave it to the controls")
    case .noEffects: ("a tool that writes has no effects, and counts as irreversible", "state them")
    case .noPin: ("the tool has no pin, so guards on it are not typed", "pin its server")
    case .pageTooLong:
        ("an agent's page of `policy explain` has more than 60 lines", "split the agent")
    case .uselessWaiver: ("the waiver has ended, or matches nothing", "remove it")
    case .standingProduction: ("a standing scope reaches production", "use an elevation")
    case .guardUndecidable:
        ("the guard is outside the decidable subset", "write it with simpler tests")
    case .guardCostAssumed:
        ("the guard may run out of steps for long values", "bound the schema's lengths")
    case .noKillSwitch: ("`kill_switch` is not stated", "state how often it is rehearsed")
    case .tierBelowComputed: ("the tier is below the computed one", "raise it")
    case .rotationOverdue: ("a credential's last day is past", "rotate it")
    case .weakServer:
        (
            "the server has the machine's network, or nothing proves who answers for it",
            "leave out `network: host`; use https, or name the `uid`"
        )
    case .guardPointless:
        (
            "an unguarded grant of the same scope gives what the guard would withhold",
            "leave out the entry, or the unguarded grant"
        )
    case .pathDropped:
        ("a path of `sandbox.read` gives the server nothing", "name what the server has to read")
    case .drillRare:
        ("the kill switch is rehearsed less than monthly", "lower `drill_every` to 31d or less")
    case .unitInTemplate:
        (
            "a template of reviews states the unit of its quantity in words",
            "declare `units` in the tool's entry, and leave out `quantity.unit`"
        )
    case .rawEgress:
        (
            "an egress rule with `protocol: tcp`, of which no content is checked",
            "use `tls` or `http`"
        )
    case .secretInPolicy:
        (
            "a name in `sandbox.env` looks like that of a secret, and its value is in the policy",
            "write it under `secrets`"
        )
    case .hostPromptUnused:
        (
            "`hooks.host_prompt: low` asks no user: the tier is not low, or no tool of `host` is reversible",
            "leave it out"
        )
    case .trustedField:
        (
            "a field of a result counts as trusted, although outsiders wrote the rest",
            "leave it out, unless the server alone makes this field"
        )
    case .flowWithoutEffect:
        (
            "`keys`, `intent` or `provenance` of a tool that can change nothing by it",
            "leave it out"
        )
    case .sourceUnstated:
        (
            "a tool of an internal server returns free text, and its entry does not say who wrote it",
            "write `source: untrusted` if outsiders did, otherwise `source: internal`"
        )
    case .taskToolNotGranted:
        (
            "a task names a tool that nothing grants to its agent",
            "grant it, or leave it out of the task"
        )
    case .taskWithoutPreview:
        (
            "a task names a tool whose preview it does not name, so the preview is denied",
            "add the tool of the preview to the task"
        )
    case .cutWithoutEffect:
        (
            "`overflow: truncate` of a tool with an output schema, whose results are never cut",
            "leave `overflow` out, and name the needed fields in `keep`"
        )
    case .endedValueWaiver:
        (
            "a waiver of `safety` has ended, or reaches more than 365 days ahead, and does not count",
            "leave it out, or have its owner state another day"
        )
    case .waiverWithoutArgument:
        (
            "a waiver of `safety` names an argument that the reviewed tool does not have, and waives nothing",
            "name an argument of the reviewed schema, or leave the waiver out"
        )
    case .loosenedCriteria:
        (
            "`trust/criteria.yaml` admits more than the defaults",
            "tighten the number, or sign it off as a widening"
        )
    case .lethalTrifecta:
        (
            "one agent reads sensitive data, reads what outsiders write, and can send to the outside",
            "split the agent, or let people decide after outsiders' text by `taint`"
        )
    case .weakSandbox:
        (
            "a `sandbox` is weaker than its defaults", "leave out what makes it weaker"
        )
    case .notEnforced: ("this version reads this and does not enforce it", "leave it out")
    case .notEarned:
        (
            "this acts at stage `trusted` alone, and an agent that it is for is served at a lower stage",
            "leave it: it takes effect once the agent has earned its stage"
        )
    }
}
