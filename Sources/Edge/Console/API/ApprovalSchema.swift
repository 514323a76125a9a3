import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel

/// A request for approval as one person sees it: the names are those of the local socket.
struct ApprovalView: Sendable {
    let request: ApprovalRequest
    let view: ReviewView

    static let line = ResponseSchema<ApprovalView>("ApprovalLine", lineParts)
    static let whole = ResponseSchema<ApprovalView>("Approval", lineParts + reviewParts)

    private static let name = JSONSchemaType.text(.plain(1...512))
    private static let people = JSONSchemaType.list(.text(.plain(1...254)), count: 0...10_000)

    private static let lineParts: [ResponseSchema<ApprovalView>.Part] = [
        .init("id", .text(.id), "As records name it.") { $0.view.id.text },
        .init("shown", .text(.approval), "As paths name it.") { $0.view.id.shown },
        .init("revision", .whole(1...1_000_000), "Rises when it is issued anew.") {
            $0.view.revision
        },
        .init("state", .choice(of: ApprovalState.self), "Where it is.") { $0.view.state.rawValue },
        .init(
            "standing", .choice(of: ReviewView.Status.self), "What this person can do about it."
        ) { $0.view.standing.rawValue },
        .init("agent", name, "Who asks.") { $0.view.call.agent.text },
        .init("tool", name, "Server and tool.") { $0.view.call.address.description },
        .init("tier", .choice(of: Tier.self), "How much is at stake.") { $0.view.tier.rawValue },
        .init("group", name, "Who is asked.") { $0.view.decision.group },
        .init("quorum", .whole(1...1000), "How many people have to approve.") {
            $0.view.decision.quorum
        },
        .maybe("have", .whole(0...1000), "Approvals so far; hidden until this person has voted.") {
            $0.view.votes?.count
        },
        .init("expires", .text(.time), "When it ends without an answer.") { $0.view.expires },
    ]

    private static let reviewParts: [ResponseSchema<ApprovalView>.Part] = [
        .init("review", .object, "All that is decided about, as it is hashed and shown.") {
            $0.request.review.json
        },
        .init("digest", .text(.digest), "Of the call.") { $0.view.callDigest.prefixed },
        .init("bind", .text(.base64(32)), "The commitment to the review.") {
            $0.request.bind.base64
        },
        .init("use_within_s", .whole(60...3600), "How long an approval is good.") {
            $0.request.useWithin.components.seconds
        },
        .maybe("grant_ends", .text(.time), "Until when this approval is good.") {
            $0.view.grantEnds
        },
        .maybe("owner", .text(.plain(0...254)), "Who answers for the agent.") {
            $0.view.fact("owner")
        },
        .maybe("purpose", .text(.plain(0...65_536)), "What the agent is for.") {
            $0.view.fact("purpose")
        },
        .init("voters", people, "Who may vote.") { $0.request.voters.map(\.person.address) },
        .maybe("votes", people, "Who approved; hidden until this person has voted.") {
            $0.view.votes
        },
        .maybe("cause", name, "Why it ended.") { $0.view.cause?.rawValue },
        .maybe("probe", .text(.plain(1...4096)), "What it was, once a probe was decided.") {
            $0.request.probe?.sentence
        },
        .init("reading_floor_ms", .whole(0...86_400_000), "Nobody can read it in less.") {
            $0.view.readingFloor.microseconds / 1000
        },
        .maybe("confirm", .text(.plain(1...65_536)), "What to type before approving.") {
            $0.view.typed?.text
        },
    ]
}
