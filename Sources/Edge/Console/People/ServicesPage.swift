import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockMarkup
import InterlockModel

/// `/people/services`: the service accounts whose tokens count.
struct ServicesPage {
    let tabs: PeopleTabs
    let rows: PagedRows<ServiceAccountStatus>
    /// The names of all, since the rows are of one page.
    let names: [ServiceAccountName]
    let signer: OrderSigner

    private var viewer: Person { signer.session.person }

    var header: PageHeader {
        PageHeader(
            "Service accounts",
            StatusBadge(
                .plain, Shape.count(rows.count, "valid token"),
                from: "The tokens that this gateway accepts."))
    }

    @HTMLBuilder var content: [HTML] {
        tabs.html
        element(.p, .style(.hint)) {
            "A service account reads with a token and the visibility of its role, and changes nothing."
        }
        card("Valid tokens") {
            table.html(or: "No service account has a token.")
            rows.pager { Link("people", "services", query: [("page", $0)]) }
        }
        card("Issue a token") {
            element(.p, .style(.hint)) {
                "The token is shown once. It can read what a person with the role can read, until it expires."
            }
            signer.form(.issueToken, 1)
        }
        if !names.isEmpty { card("End a token") { signer.form(.endToken(names), 2) } }
        card("By key") {
            TypedCommand.list(
                [
                    TypedCommand(
                        "Issue a token", "interlock", "tokens", "issue", "NAME", "--role", "ROLE",
                        "--for", "90d", "--as", viewer.address, "--reason", "REASON")
                ]
                    + rows.rows.map { service in
                        TypedCommand(
                            "End the token of \(service.token.name)", "interlock", "tokens",
                            "revoke", service.token.name.text, "--as", viewer.address, "--reason",
                            "REASON")
                    })
        }
    }

    private var table: Table {
        Table(
            Shape.count(rows.count, "service account") + ", by name" + rows.place,
            [
                .name("Service"), .state("Role"), .name("Issued by", .second),
                .time("Issued", .third), .time("Last used"), .time("Expires"),
            ], rows.rows
        ) { service in
            [
                .safe(service.token.name.text), PersonLabels.roles([service.token.role]),
                service.issuer.map { Shape.person($0) } ?? .text("–"),
                Shape.time(service.token.made),
                service.used.map(Shape.time) ?? .text("not since the start"),
                Shape.time(service.token.expires),
            ]
        }
    }
}
