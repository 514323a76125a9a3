import InterlockAPI
import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// One feature that a server offers or should offer: class, pin, reviewed form, and differences.
struct ServerToolCard {
    let tool: ServerTool
    let server: ServerName
    /// True if the viewer has the role that stops a tool.
    let canStop: Bool

    var html: HTML {
        element(.article, .style(.part)) {
            element(.h3) {
                SafeText.text(tool.name)
                " "
                state
            }
            facts
            if tool.pin.isFault, !tool.changes.isEmpty {
                DefinitionChanges(changes: tool.changes, isNew: tool.pin == .new).content
            }
        }
    }

    private var state: HTML { tool.pin.isFault ? badge(tool.pin.text, .bad) : badge(tool.pin.text) }

    private var facts: HTML {
        var facts = Facts()
        if tool.kind != .tool { facts.add("Kind") { tool.kind.rawValue } }
        facts.add("Class") {
            tool.entry?.toolClass.rawValue ?? "the policy says nothing: each call is denied"
        }
        if let entry = tool.entry {
            let names = entry.effects.effects.map(\.words)
            facts.add("Effects") { names.isEmpty ? "none" : names.joined(separator: ", ") }
            facts.add("Units", text: entry.units.all.map(\.sentence).joined(separator: ", "))
            facts.add("Flow of values", text: entry.flow.words.joined(separator: "; "))
        }
        if case .hidden(let reason) = tool.pin { facts.add("Hidden, because", text: reason) }
        if let description = tool.description {
            facts.add(tool.review == nil ? "Description as first seen" : "Reviewed description") {
                ServerText.quoted(description)
            }
        }
        if let review = tool.review {
            facts.add("Reviewed") {
                Shape.time(review.at)
                " by "
                Shape.person(review.by)
            }
        }
        facts.add("Defined in", text: tool.entry?.place.description)
        if canStop, tool.kind == .tool, let item = ToolName(tool.name) {
            facts.add("Stop tool") { stop(item) }
        }
        return facts.html
    }

    private func stop(_ item: ToolName) -> HTML {
        let target = HaltTarget.tool(ToolAddress(server: server, tool: item))
        return hyperlink(HaltRoute.link(toStop: target)) { "Stop this tool" }
    }
}

/// Texts of a server for people, as inert data; long texts are cut.
enum ServerText {
    /// The maximum length in characters.
    private static let longest = 2_000

    @HTMLBuilder static func quoted(_ text: String) -> [HTML] {
        SafeText.quoted(String(text.prefix(longest)))
        rest(of: text)
    }

    /// - Parameter other: the value on the other side of a change. Of a long text, the part around the first difference
    ///   is shown.
    @HTMLBuilder static func value(
        _ value: JSONValue?, beside other: JSONValue? = nil
    ) -> [HTML] {
        if let value {
            let written = written(value)
            if written.count <= longest {
                SafeText.value(value)
            } else {
                let same = other.map { commonCount(written, Self.written($0)) } ?? 0
                let start = max(0, same - context)
                if start > 0 {
                    element(.span, .style(.muted)) { "after \(start) characters: " }
                }
                SafeText.quoted(String(written.dropFirst(start).prefix(longest)))
                element(.span, .style(.muted)) {
                    " \(min(longest, written.count - start)) of \(written.count) characters"
                }
            }
        } else {
            "nothing"
        }
    }

    /// The characters before the first difference that are shown with it.
    private static let context = 100

    private static func commonCount(_ text: String, _ other: String) -> Int {
        zip(text, other).prefix { $0 == $1 }.count
    }

    private static func written(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return String(decoding: value.serialized(), as: UTF8.self)
    }

    @HTMLBuilder private static func rest(of text: String) -> [HTML] {
        let count = text.count
        if count > longest {
            element(.span, .style(.muted)) { " the first \(longest) of \(count) characters" }
        }
    }
}
