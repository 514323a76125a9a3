import InterlockJSON
import InterlockMarkup

/// The earlier requests of a review, each with its members by their labels.
struct EarlierRequestList {
    /// The fact `history`; a text if none is known.
    let history: JSONValue

    @HTMLBuilder var content: [HTML] {
        if case .array(let rows) = history {
            element(.p, .style(.hint)) {
                "Earlier requests of this agent for this tool, newest first."
            }
            element(.ol, .style(.tree)) {
                for row in rows { element(.li) { entry(row) } }
            }
        } else {
            SafeText.value(history)
        }
    }

    @HTMLBuilder private func entry(_ row: JSONValue) -> [HTML] {
        if let object = row.object {
            element(.ul, .style(.tree)) {
                for (name, value) in object.members {
                    element(.li) {
                        element(.strong, .style(.key)) { label(name) }
                        ": "
                        SafeText.value(value)
                    }
                }
            }
        } else {
            SafeText.value(row)
        }
    }

    @HTMLBuilder private func label(_ name: String) -> [HTML] {
        if let label = Self.labels[name] { label } else { SafeText.name(name) }
    }

    /// The labels, by the names of members (`EarlierRequests.fact`).
    private static let labels: [String: String] = [
        "asked": "Asked", "state": "State", "cause": "Cause", "arguments": "Earlier values",
        "differ": "Arguments with other values in another run",
    ]
}
