package import InterlockAdministration
import InterlockJSON
package import InterlockMarkup
import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview

/// Any text that the policy or its findings may have.
private let words = JSONSchemaType.text(.plain(0...1_000_000))
private let shortName = JSONSchemaType.text(.plain(1...512))
private let address = JSONSchemaType.text(.plain(1...254))
private let names = JSONSchemaType.list(words, count: 0...100_000)

private func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
private func addresses(_ people: [Person]) -> JSONValue { strings(people.map(\.address)) }

extension PolicyOverview: ResponseRecord {
    package static let form = ResponseSchema<PolicyOverview>(
        "Policy",
        .init("digest", .text(.digest), "Of what is in force.") { $0.digest.prefixed },
        .init("org", words, "Whose it is.") { $0.org },
        .maybe("revision", words, "What the files call it.") { $0.revision },
        .init("compiled", .text(.time), "When it was read.") { $0.compiled },
        .init(
            "standing", .choice(["founding", "signed", "signed_by_author_alone"]),
            "`founding`: anyone who can write the files decides."
        ) {
            switch $0.status {
            case .founding: "founding"
            case .signed: "signed"
            case .signedByAuthorAlone: "signed_by_author_alone"
            }
        },
        .init("signed_by", .list(address, count: 0...100), "As far as the file shows it.") {
            addresses($0.status.signers)
        },
        .maybe("signed", .text(.time), "The newest, by the signer's clock.") { $0.signed },
        .init("owners", .list(address, count: 0...10_000), "Who answers for it.") {
            addresses($0.owners)
        },
        .init("lock", words, "What is said of the reviewed tools.") { $0.lock },
        .init("agents", .count, "In sight.") { $0.agents },
        .init("servers", .count, "Of them all.") { $0.servers },
        .init("tools", .count, "Of them all.") { $0.tools },
        .init("not_enforced", names, "Written, and bound elsewhere than at the gateway.") {
            strings($0.notEnforced)
        },
        .maybe("last_reload", PolicyReload.form.shape, "None since the start: left out.") {
            $0.last
        },
        .init(
            "proposed", .truth,
            "Whether this person may read a revision that waits on disk, or the first one."
        ) {
            $0.isProposed
        })
}

extension PolicyReload: ResponseRecord {
    package static let form = ResponseSchema<PolicyReload>(
        "PolicyReload",
        .init("at", .text(.time), "When.") { $0.at },
        .init("outcome", .choice(["loaded", "refused"]), "The old policy stays, if refused.") {
            $0.refusal == nil ? "loaded" : "refused"
        },
        .maybe("refusal", PolicyReload.RefusalView.form.shape, "Why it was.") { $0.refusal })
}

extension PolicyReload.RefusalView: ResponseRecord {
    package static let form = ResponseSchema<PolicyReload.RefusalView>(
        "PolicyRefusal",
        .init("code", .text(.plain(1...64)), "Stable.") { $0.code },
        .init("message", words, "For people.") { $0.sentence },
        .init("findings", .list(of: PolicyFinding.self, 0...1000), "Each with its place.") {
            $0.findings
        })
}

extension PolicyFinding: ResponseRecord {
    package static let form = ResponseSchema<PolicyFinding>(
        "PolicyFinding",
        .init("code", .text(.plain(1...16)), "Stable.") { $0.code },
        .init("file", words, "Where.") { $0.place.file },
        .init("line", .count, "From 1.") { $0.place.line },
        .init("col", .count, "From 1.") { $0.place.column },
        .init("message", words, "What.") { $0.message },
        .maybe("help", words, "What to do.") { $0.help },
        .init("waived", .truth, "By a waiver that counts now.") { $0.isWaived })
    package static let page = PagedRows<PolicyFinding>.form(
        "PolicyFindings", "findings", of: form, "By file and line.")
}

extension PolicyRule: ResponseRecord {
    package static let form = ResponseSchema<PolicyRule>(
        "PolicyRule",
        .init("kind", .choice(PolicyRule.kinds), "What kind of rule.") { $0.kind },
        .init("name", words, "By which decisions and links name it.") { $0.name },
        .init("subject", words, "What it is about.") { $0.subject },
        .init("text", words, "What it says.") { $0.text },
        .init("agents", .list(shortName, count: 0...100_000), "Of those in sight; empty: all.") {
            strings($0.agents.map(\.text))
        },
        .maybe("at", words, "`file:line:column`; left out where it is built in.") {
            $0.place?.description
        })
    package static let page = PagedRows<PolicyRule>.form(
        "PolicyRules", "rules", of: form, "By kind.")
}

extension PolicyAgent: ResponseRecord {
    package static let form = ResponseSchema<PolicyAgent>(
        "PolicyAgent",
        .init("agent", shortName, "Its name.") { $0.name.text },
        .maybe("owner", address, "Who answers for it.") { $0.owner?.address },
        .init("tier", .choice(of: Tier.self), "Its risk.") { $0.tier.rawValue },
        .init("stage", .choice(of: TrustStage.self), "Of the file.") { $0.stage.rawValue },
        .init(
            "effective_stage", .choice(of: TrustStage.self), "At which its calls are decided."
        ) { $0.acting.rawValue },
        .init("at", words, "`file:line:column`.") { $0.place.description })
    package static let page = PagedRows<PolicyAgent>.form(
        "PolicyAgents", "agents", of: form, "By name.")
}

extension AgentRules: ResponseRecord {
    package static let form = ResponseSchema<AgentRules>(
        "AgentRules",
        .init("agent", PolicyAgent.form.shape, "Which.") { $0.agent },
        .maybe("purpose", words, "What it is for.") { $0.purpose },
        .maybe("review_by", words, "The day of its review.") { $0.reviewBy },
        .maybe("sandbox", words, "The profile.") { $0.sandbox },
        .maybe("approvers", words, "The group.") { $0.approvers },
        .init("people", .list(address, count: 0...10_000), "Who is in it.") {
            addresses($0.people)
        },
        .init("held", names, "Codes of findings for which nothing of it runs.") {
            strings($0.held)
        },
        .init("reach", .list(of: Reached.self, 0...100_000), "The gravest first.") { $0.reached },
        .init("tools", .count, "Of the whole policy.") { $0.toolCount },
        .init("flows", names, "By which what is sensitive could leave.") { strings($0.flows) },
        .init("tasks", names, "That its runs can have, each with its tools.") {
            strings($0.tasks)
        },
        .init("rules", .list(of: PolicyRule.self, 0...1_000_000), "That concern it.") { $0.rules })
}

extension AgentRules.Reached: ResponseRecord {
    package static let form = ResponseSchema<AgentRules.Reached>(
        "ReachedTool",
        .init("tool", shortName, "Which.") { $0.tool },
        .init("verdicts", names, "The easiest first; empty: every call is denied.") {
            strings($0.verdicts)
        },
        .init("outcome", words, "The verdicts with conditions.") { $0.outcome },
        .init("effects", names, "Of every call, and of some.") { strings($0.effects) },
        .init("sends", .truth, "Whether a call passes data out of the organisation.") { $0.sends },
        .init("cases", names, "Verdicts with conditions of their own, and denials.") {
            strings($0.cases)
        },
        .init("guards", names, "Any of them grants; empty: none is asked.") { strings($0.guards) },
        .init("elevations", names, "By which alone it is reached.") { strings($0.elevations) },
        .init("limits", names, "That hold for it.") { strings($0.limits) })
}

extension PolicyProposal: ResponseRecord {
    package static let form = ResponseSchema<PolicyProposal>(
        "PolicyProposal",
        .init("digest", .text(.digest), "Of what waits.") { $0.digest.prefixed },
        .init(
            "first", .truth,
            "Whether it is in force, and none was ever signed off here: it is compared with no policy."
        ) { $0.isFirst },
        .init(
            "identity", .text(.digest),
            "Of everything that a signature covers; `draftSignOff` is asked for it."
        ) { $0.identity.prefixed },
        .init("active", .text(.digest), "Of what is in force.") { $0.active.prefixed },
        .init(
            "active_identity", .text(.digest),
            "Of everything that a signature under the policy in force covers; `draftSignOff` is asked for it."
        ) { $0.activeIdentity.prefixed },
        .init("tests", .text(.digest), "Of the tests of what waits.") { $0.tests.prefixed },
        .maybe("lock", .text(.digest), "Of its `interlock.lock`.") { $0.lock?.prefixed },
        .maybe("revision", words, "What the files call it.") { $0.revision },
        .init("seen", .text(.time), "When it was read.") { $0.seen },
        .init(
            "refusal", PolicyReload.RefusalView.form.shape,
            "Why it is not in force, or not signed off."
        ) {
            $0.refusal
        },
        .init(
            "comparison", .choice(["equal", "narrows", "widens", "not-comparable"]), "By meaning."
        ) { $0.meaning },
        .init("files", names, "Of other parts, that differ.") { strings($0.files) },
        .init(
            "findings", .list(of: PolicyFinding.self, 0...1_000_000),
            "That the policy in force has not."
        ) { $0.findings },
        .maybe(
            "sign_off", SignOffProgress.form.shape, "Omitted while no signature can be verified."
        ) {
            $0.signing
        })
}

extension SignOffProgress: ResponseRecord {
    package static let form = ResponseSchema<SignOffProgress>(
        "PolicySigning",
        .maybe("author", address, "Omitted if there is none yet.") { $0.author?.address },
        .init("author_signed", .truth, "That it is their work.") { $0.isAuthors },
        .init("signed_by", .list(address, count: 0...100), "Who counts.") { addresses($0.signers) },
        .init("uncounted", .whole(0...100), "Signatures that count for nothing.") { $0.uncounted },
        .init("need", .whole(0...9), "People other than the author.") { $0.need },
        .init("eligible", .list(address, count: 0...100_000), "Who may.") {
            addresses($0.eligible)
        })
}

extension PolicyChange: ResponseRecord {
    package static let form = ResponseSchema<PolicyChange>(
        "PolicyChange",
        .init(
            "direction", .choice(of: Direction.self), "What cannot be compared counts as wider."
        ) { $0.direction.rawValue },
        .maybe("agent", shortName, "Omitted if no particular person.") { $0.agent },
        .init("subject", words, "The tool, or the place in the policy.") { $0.subject },
        .init("new", words, "What it would be.") { $0.new },
        .init("old", words, "What it is.") { $0.old },
        .maybe("witness", .object, "Arguments that are decided otherwise.") { $0.witness },
        .init("amounts", names, "Of those arguments, in their declared units.") {
            strings($0.amounts)
        },
        .maybe("time", words, "When, where it matters.") { $0.time },
        .maybe("stage", .choice(of: TrustStage.self), "Where it shows.") { $0.stage },
        .init("notes", names, "Both texts of what cannot be compared.") { strings($0.notes) })
    package static let page = PagedRows<PolicyChange>.form(
        "PolicyChanges", "changes", of: form, "Those that allow more first.")
}
