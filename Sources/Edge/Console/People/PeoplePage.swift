import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// `/people`: who decides, with which keys, and whose seats others hold.
struct PeoplePage {
    let tabs: PeopleTabs
    let rows: PagedRows<PersonView>
    /// Is nil for the order by address.
    var order: PeopleListing.Sorting?
    let seats: [DelegationView]
    let passing: SeatForms
    let seesAll: Bool
    let signer: OrderSigner

    private var viewer: Person { signer.session.person }

    var header: PageHeader {
        let open = tabs.waiting ?? 0
        var header = PageHeader(
            "People",
            StatusBadge(
                open > 0 ? .pending : .plain,
                open > 0 ? "\(open) waiting" : Shape.count(rows.count, "person", "people"),
                from: "The enrolled people, and the orders about them that wait."))
        if seesAll { header.fact("Enrolled") { "\(rows.count)" } }
        header.fact("Delegated seats") { "\(seats.count)" }
        if open > 0 {
            header.primary = HeaderAction("Show waiting", PeopleRoute.waiting.link)
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        tabs.html
        if !seesAll {
            element(.p, .style(.hint)) {
                "You see yourself. Everyone is shown to people with the role security."
            }
        }
        card("Enrolled people") {
            table.html(or: "No person is enrolled.")
            rows.pager { Self.address(order, page: $0) }
        }
        card("Delegated seats") {
            SeatTable(seats: seats).html
            passing.content
        }
        if seesAll { card("Invite a person") { invite } }
    }

    private static func address(_ order: PeopleListing.Sorting?, page: String? = nil) -> Link {
        Link("people", query: [("sort", order?.text), ("page", page)])
    }

    private var caption: String {
        let order = order ?? PeopleListing.Sorting(.person)
        let column =
            switch order.column {
            case .person: "address"
            case .roles: "roles"
            case .state: "state"
            }
        return Shape.count(rows.count, "person", "people") + ", " + order.caption(column)
    }

    private var table: Table {
        let headers = SortedHeaders(in: order ?? PeopleListing.Sorting(.person)) {
            Self.address($0)
        }
        return Table(
            caption + rows.place,
            [
                headers.column(.name("Person"), by: .person),
                headers.column(.text("Roles"), by: .roles), .text("Credentials", .second),
                headers.column(.state("State"), by: .state), .time("Last used"),
            ], rows.rows, isLinked: true
        ) { view in
            [
                hyperlink(PeopleRoute.person(view.person.pseudonym).link) {
                    SafeText.name(view.person.person.address)
                },
                PersonLabels.roles(view.person.roles), .text(PersonLabels.credentials(view)),
                PersonLabels.state(view.state), PersonLabels.used(view.credentials),
            ]
        }
    }

    @HTMLBuilder private var invite: [HTML] {
        element(.p, .style(.hint)) {
            "You get a link for the person, which counts for 72 hours and one credential. The credential counts when another person with the role security has confirmed it. The policy says in which groups the person approves."
        }
        signer.form(.invite)
        element(.h3) { "By key" }
        TypedCommand.list([
            TypedCommand(
                "Invite", "interlock", "people", "invite", "EMAIL", "--role", "ROLE", "--as",
                viewer.address, "--reason", "REASON")
        ])
    }
}
