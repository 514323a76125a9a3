import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel

/// The seats of groups that are passed to other people.
struct SeatTable {
    let seats: [DelegationView]

    var html: HTML {
        Table(
            "Seats that another person holds now",
            [
                .name("Group"), .name("Seat of"), .name("Held by"), .time("Until"),
                .text("Reason", .second),
            ], seats
        ) { seat in
            [
                .safe(seat.delegation.group), Shape.person(seat.from), Shape.person(seat.to),
                Shape.time(seat.delegation.expires), .safe(seat.delegation.reason),
            ]
        }.html(or: "No seat is delegated.")
    }
}

/// The forms with which the viewer passes a seat of a group to another person, and ends that.
struct SeatForms {
    /// The groups whose member the viewer is.
    let groups: [(name: String, group: DelegatingGroup)]
    /// The groups in which the viewer's seat is passed now.
    let passed: [String]
    let signer: OrderSigner

    private var free: [String] {
        groups.filter { $0.group.delegates != .never && !passed.contains($0.name) }.map(\.name)
    }

    @HTMLBuilder var content: [HTML] {
        if !passed.isEmpty {
            element(.h3) { "Decide yourself again" }
            signer.form(.endDelegation(passed), 31)
        }
        if !free.isEmpty {
            element(.h3) { "Pass your seat" }
            element(.p, .style(.hint)) {
                "The person decides in your place, and your own vote in the group does not count meanwhile. It ends after the days given, when you end it, and when either of you leaves the group or is revoked. Calls that the person may not decide stay with you."
            }
            if let words { element(.p, .style(.hint)) { words } }
            signer.form(.delegate(free), 32)
        }
        if !groups.isEmpty { TypedCommand.list(commands) }
    }

    /// The groups whose policy restricts to whom a seat is passed.
    private var words: [HTML]? {
        let bound = groups.filter { $0.group.delegates == .members }.map(\.name)
        guard !bound.isEmpty else { return nil }
        return [.text("To members alone: ")] + SafeText.text(bound.joined(separator: ", "))
    }

    private var commands: [TypedCommand] {
        let viewer = signer.session.person.address
        return [
            TypedCommand(
                "Pass your seat by key", "interlock", "approvals", "delegate", "--group", "GROUP",
                "--to", "EMAIL", "--until", "7d", "--as", viewer, "--reason", "REASON"),
            TypedCommand(
                "Decide yourself again", "interlock", "approvals", "delegate", "--group", "GROUP",
                "--end", "--as", viewer),
        ]
    }
}
