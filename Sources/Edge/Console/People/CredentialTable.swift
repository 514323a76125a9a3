import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The keys and passkeys of one person, with what each is worth now.
struct CredentialTable {
    let credentials: [CredentialView]

    var html: HTML {
        Table(
            Shape.count(credentials.count, "credential") + ", revoked ones too",
            [
                .state("Kind"), .id("Id"), .time("Enrolled", .second), .text("State"),
                .time("Expires", .second), .time("Last used"),
            ], credentials
        ) { one in
            [
                .text(PersonLabels.kind(one)), Shape.id(one.id),
                .group(
                    [Shape.time(one.added)] + (one.founding ? [.text(", at the start")] : [])),
                PersonLabels.state(one), one.expires.map(Shape.time) ?? .text("–"),
                one.used.map(Shape.time) ?? .text("not known"),
            ]
        }.html(or: "No credential was ever enrolled.")
    }
}
