import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// A request for approval as one person sees it: the names are those of the local socket.
extension ReviewView {
    static let line = ResponseSchema<ReviewView>("ApprovalLine", lineParts)
    static let whole = ResponseSchema<ReviewView>("Approval", lineParts + reviewParts)

    private static let name = JSONSchemaType.text(.plain(1...512))
    private static let people = JSONSchemaType.list(.text(.plain(1...254)), count: 0...10_000)

    private static let delegate = JSONSchemaType.record(
        "Delegate",
        .init("person", .text(.plain(1...254)), "Who votes."),
        .init("seats", people, "The members in whose place."))

    private static let lineParts: [ResponseSchema<ReviewView>.Part] = [
        .init("id", .text(.id), "As records name it.") { $0.id.text },
        .init("shown", .text(.approval), "As paths name it.") { $0.id.shown },
        .init("revision", .whole(1...1_000_000), "Rises when it is issued anew.") { $0.revision },
        .init("state", .choice(of: ApprovalState.self), "Where it is.") { $0.state.rawValue },
        .init(
            "standing", .choice(of: Status.self), "What this person can do about it."
        ) { $0.status.rawValue },
        .init("agent", name, "Who asks.") { $0.call.agent.text },
        .init("tool", name, "Server and tool.") { $0.call.address.description },
        .init("tier", .choice(of: Tier.self), "How much is at stake.") { $0.tier.rawValue },
        .init("group", name, "Who is asked.") { $0.decision.group },
        .init("quorum", .whole(1...1000), "How many people have to approve.") {
            $0.decision.quorum
        },
        .maybe("have", .whole(0...1000), "Approvals so far; hidden until this person has voted.") {
            $0.votes?.count
        },
        .init("expires", .text(.time), "When it ends without an answer.") { $0.expires },
        .init(
            "amounts", .list(amount, count: 0...100),
            "The arguments for which the policy declares a unit; empty if it declares none."
        ) { JSONValue.array(ReviewFacts.amounts(in: $0.facts).map(\.json)) },
    ]

    private static let amount = JSONSchemaType.record(
        "Amount",
        .init("argument", name, "The path below `args`."),
        .maybe("raw", .text(.plain(1...1024)), "The number as it is sent."),
        .maybe("shown", .text(.plain(1...512)), "In its unit, with U+202F between thousands."),
        .maybe("reason", .text(.plain(1...512)), "Why it is not shown in its unit."))

    private static let reviewParts: [ResponseSchema<ReviewView>.Part] = [
        .init("review", .object, "All that is decided about, as it is hashed and shown.") {
            $0.request.review.json
        },
        .init("digest", .text(.digest), "Of the call.") { $0.callDigest.prefixed },
        .init("bind", .text(.base64(32)), "The commitment to the review.") {
            $0.request.bind.base64
        },
        .init("use_within_s", .whole(60...3600), "How long an approval is good.") {
            $0.request.useWithin.components.seconds
        },
        .init("uses", .whole(1...10), "How many calls, each the same, an approval is good for.") {
            $0.request.review.uses
        },
        .init("used", .whole(0...10), "How many calls have used it.") { $0.request.used },
        .maybe("grant_ends", .text(.time), "Until when this approval is good.") { $0.grantEnds },
        .maybe("owner", .text(.plain(0...254)), "Who answers for the agent.") { $0.fact("owner") },
        .maybe("purpose", .text(.plain(0...65_536)), "What the agent is for.") {
            $0.fact("purpose")
        },
        .init("voters", people, "Who may vote.") { $0.request.voters.map(\.person.address) },
        .maybe(
            "delegates", .list(delegate, count: 1...1000), "Those who vote in the place of members."
        ) { $0.delegates.isEmpty ? nil : JSONValue.array($0.delegates.map(\.delegateJSON)) },
        .maybe("votes", people, "Who approved; hidden until this person has voted.") { $0.votes },
        .maybe("cause", name, "Why it ended.") { $0.cause?.rawValue },
        .maybe("probe", .text(.plain(1...4096)), "What it was, once a probe was decided.") {
            $0.request.probe?.sentence
        },
        .init("reading_floor_ms", .whole(0...86_400_000), "A person cannot read it in less time.") {
            $0.readingFloor.microseconds / 1000
        },
        .maybe("confirm", .text(.plain(1...65_536)), "What to type before approving.") {
            $0.typed?.text
        },
    ]
}
