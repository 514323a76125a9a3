import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// `/people/ID`: one person with every key and passkey, and what can be done about them.
struct PersonPage {
    let view: PersonView
    let seats: [DelegationView]
    /// True if the viewer has the role `security`.
    let seesAll: Bool
    let signer: OrderSigner
    /// The effects of a revocation; nil if the viewer may not revoke, or nothing is left to revoke.
    let effects: RevocationEffects?

    private var viewer: Person { signer.session.person }
    private var person: Person { view.person.person }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            switch view.state {
            case .active: (.working, "Active")
            case .limited: (.attention, "Limited")
            case .expired: (.attention, "Expired")
            case .left: (.plain, "Left")
            case .notEnrolled: (.plain, "Not enrolled")
            }
        var header = PageHeader(
            kind: "Person", back: .init(words: "People", link: PeopleRoute.list.link),
            StatusBadge(look, words, from: "The keys and passkeys of the person, and their roles.")
        ) { SafeText.text(person.address) }
        header.fact("Has roles") { PersonLabels.roles(view.person.roles) }
        header.fact("Credentials") { PersonLabels.credentials(view) }
        header.fact("Sessions") { "\(view.sessions.count)" }
        header.fact("Used last") { PersonLabels.used(view.credentials) }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        card("Who this is") { facts }
        card("Keys and passkeys") { CredentialTable(credentials: view.credentials).html }
        card("Delegated seats") { SeatTable(seats: seats).html }
        if seesAll {
            card("Change roles") {
                element(.p, .style(.hint)) {
                    "A change counts when another person with the role security has confirmed it, within a day. The policy says in which groups the person approves."
                }
                signer.form(.roles(view.person), 1)
            }
            card("Add a device") {
                element(.p, .style(.hint)) {
                    "You get a link, which counts for 72 hours and one credential. The credential counts when another person with the role security has confirmed it."
                }
                signer.form(.inviteAgain(person), 2)
            }
        }
        if let effects {
            card("Revoke") {
                element(.p) { "At once, and not undone but by a new invitation:" }
                effects.html
                signer.form(.revoke(person), 3)
            }
        }
        if !commands.isEmpty { card("By key") { TypedCommand.list(commands) } }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("State") { PersonLabels.state(view.state) }
        facts.add("Roles") { PersonLabels.roles(view.person.roles) }
        facts.add("In records") { element(.code) { view.person.pseudonym.text } }
        facts.add("Live sessions") { "\(view.sessions.count)" }
        facts.add("Last used") { PersonLabels.used(view.credentials) }
        return facts.html
    }

    /// The orders that the viewer may sign: all with the role `security`, and the end of one's own credentials.
    private var commands: [TypedCommand] {
        let (own, address) = (viewer.address, person.address)
        let revoke = TypedCommand(
            "Revoke", "interlock", "people", "revoke", address, "--as", own, "--reason", "REASON")
        guard seesAll else { return person == viewer ? [revoke] : [] }
        return [
            TypedCommand(
                "Invite again, for a new device", "interlock", "people", "invite", address, "--as",
                own, "--reason", "REASON"),
            TypedCommand(
                "Give a role", "interlock", "people", "role", address, "--add", "ROLE", "--as", own,
                "--reason", "REASON"),
            TypedCommand(
                "Take a role", "interlock", "people", "role", address, "--remove", "ROLE", "--as",
                own, "--reason", "REASON"),
            revoke,
        ]
    }
}
