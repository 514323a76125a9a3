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
                side("Before", "-", change.old, beside: change.new, .removed)
                side("After", "+", change.new, beside: change.old, .added)
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

    private static func side(
        _ name: String, _ sign: String, _ value: JSONValue?, beside other: JSONValue?,
        _ style: Style
    ) -> HTML {
        element(.div) {
            element(.p, .style(.hint)) { name }
            element(.div, .style(style)) {
                element(.span, .style(.sign)) { "\(sign) " }
                ServerText.value(value, beside: other)
            }
        }
    }
}
