import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockPolicy

/// The changes from the reviewed definition of a feature to the listed one, by the part of the definition: before and
/// after, with invisible characters shown.
struct DefinitionChanges {
    let changes: [JSONChange]
    /// True if nothing was reviewed, so that all of the definition is new.
    let isNew: Bool

    private static let most = 50

    @HTMLBuilder var content: [HTML] {
        element(.p, .style(.hint)) {
            isNew
                ? "Not reviewed: this is its own definition."
                : Shape.count(changes.count, "change") + " since the review"
        }
        for change in changes.prefix(Self.most) { Self.row(change) }
        if changes.count > Self.most {
            element(.p) { "and \(changes.count - Self.most) more, by the API and the command" }
        }
    }

    private static func row(_ change: JSONChange) -> HTML {
        element(.div, .style(.change)) {
            element(.p) {
                part(of: change.path)
                " "
                SafeText.name(change.path)
            }
            element(.div, .style(.columns)) {
                changeSide("Before", "-", .removed, in: .div) {
                    ServerText.value(change.old, beside: change.new)
                }
                changeSide("After", "+", .added, in: .div) {
                    ServerText.value(change.new, beside: change.old)
                }
            }
        }
    }

    /// The part of a definition that a path is in.
    static func part(of path: String) -> String {
        switch path.prefix(while: { $0 != "." && $0 != "[" }) {
        case "description": "Description"
        case "title": "Title"
        case "inputSchema": "Input schema"
        case "outputSchema": "Output schema"
        case "annotations": "Annotations"
        case "arguments": "Arguments"
        default: "Other"
        }
    }
}
