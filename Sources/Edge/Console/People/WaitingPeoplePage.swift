import InterlockApprovals
import InterlockJSON
import InterlockModel

/// `/people/waiting`: the invitations that can still be used, and what a second person has to sign.
struct WaitingPeoplePage {
    let tabs: PeopleTabs
    let unconfirmed: [PendingSecondSignature]
    let invitations: [OpenInvitation]
    let viewer: Person

    var header: PageHeader {
        var header = PageHeader(
            "People: waiting",
            StatusBadge(
                unconfirmed.isEmpty ? .plain : .pending,
                unconfirmed.isEmpty ? "Nothing to confirm" : "\(unconfirmed.count) to confirm",
                from: "The orders about people that need a second signature."))
        header.fact("Invitations") { "\(invitations.count)" }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        tabs.html
        card("For a second signature") {
            element(.p, .style(.hint)) {
                "Have the person read the id to you. Where several people have the role security, neither the person who invited or requested nor the one whom it is about can confirm."
            }
            second.html(or: "Nothing waits for a second signature.")
        }
        card("Open invitations") { open.html(or: "No invitation is open.") }
    }

    private var second: Table {
        Table(
            Shape.count(unconfirmed.count, "order"),
            [
                .name("Id"), .state("What"), .name("Person"), .text("Roles after it"),
                .name("Requested by"), .time("Until"), .text("Confirm with"),
            ], unconfirmed, isBroad: true
        ) { one in
            [
                Shape.whole(one.one.id.text), .text(Self.kind(one)),
                .safe(Self.person(one)), .safe(Self.roles(one)),
                one.by.map { Shape.person($0) } ?? .text("–"), Shape.time(one.one.expires),
                element(.code) {
                    SafeLine.text(
                        TypedCommand(
                            "Confirm", "interlock", "people", "confirm", one.one.id.text, "--as",
                            viewer.address
                        ).text)
                },
            ]
        }
    }

    private var open: Table {
        Table(
            Shape.count(invitations.count, "invitation"),
            [.name("Person"), .text("Roles after it"), .name("Invited by"), .time("Until")],
            invitations
        ) { one in
            [
                .safe(one.invitation.person.address), PersonLabels.roles(one.roles),
                one.by.map { Shape.person($0) } ?? .text("named at the start"),
                Shape.time(one.invitation.expires),
            ]
        }
    }

    private static func kind(_ one: PendingSecondSignature) -> String {
        switch one.one.shown["credential"]?["kind"]?.string {
        case "passkey": "New passkey"
        case "ed25519": "New key"
        default: "Change of roles"
        }
    }

    private static func person(_ one: PendingSecondSignature) -> String {
        let shown = one.one.shown
        return (shown["person"] ?? shown["order"]?["person"])?.string ?? ""
    }

    private static func roles(_ one: PendingSecondSignature) -> String {
        let roles = (one.one.shown["roles"]?.array ?? []).compactMap(\.string)
        return roles.isEmpty ? "none" : roles.joined(separator: ", ")
    }
}
