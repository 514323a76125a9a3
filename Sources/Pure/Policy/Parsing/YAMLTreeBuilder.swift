import InterlockJSON
import InterlockModel

/// Builds a tree from events and rejects what is outside the subset (docs/specs/policy.md, section 2.2).
/// Nothing is expanded, so no input makes more nodes than it has events.
package struct YAMLTreeBuilder: Sendable {
    private var others: [Finding] = []
    /// The first anchor or alias, and the number of all: a file that was written with them has many.
    private var firstAnchor: PolicyLocation?
    private var anchors = 0
    /// The findings, of which the one about anchors comes first, because they multiply what else is wrong.
    package var findings: [Finding] {
        guard let firstAnchor else { return others }
        let more = anchors == 1 ? "" : ", and this file has \(anchors)"
        let finding = Finding(
            .anchor, at: firstAnchor, "anchors and aliases are not allowed\(more)",
            help: "write each value out where it is used")
        return [finding] + others
    }
    /// The root, or nil until the document is complete.
    package private(set) var root: YAMLNode?
    package private(set) var nodeCount = 0

    private let file: String
    private var open: [Collection] = []
    private var documents = 0

    package init(file: String) { self.file = file }

    /// Returns false if reading must stop.
    package mutating func take(_ event: YAMLEvent) -> Bool {
        Steps.count(1)
        if event.hasAnchor { takeAnchor(event) }
        if event.hasTag { report(.tag, event, "tags are not allowed") }
        switch event.kind {
        case .documentStart(let directives):
            if directives { report(.tag, event, "directives are not allowed") }
            documents += 1
            if documents > 1 {
                report(.secondDocument, event, "a file holds one document")
                return false
            }
            return true
        case .alias:
            takeAnchor(event)
            let nothing = YAMLScalar(text: "", style: .plain, isOneLine: true)
            return complete(YAMLNode(.scalar(nothing), line: event.line, column: event.column))
        case .scalar(let text, let style):
            Steps.count(text.utf8.count)
            guard text.utf8.count <= YAMLLimits.scalarBytes else {
                report(.tooLarge, event, "a value of more than 16 KiB")
                return false
            }
            let scalar = YAMLScalar(
                text: text, style: style, isOneLine: event.isOneLine, layout: event.layout)
            return complete(YAMLNode(.scalar(scalar), line: event.line, column: event.column))
        case .sequenceStart, .mappingStart:
            guard open.count < YAMLLimits.depth else {
                report(.tooLarge, event, "nested deeper than \(YAMLLimits.depth) levels")
                return false
            }
            var isMapping = false
            if case .mappingStart = event.kind { isMapping = true }
            open.append(Collection(isMapping, line: event.line, column: event.column))
            return true
        case .collectionEnd:
            guard let last = open.popLast() else { return false }
            return complete(last.node)
        }
    }

    private mutating func complete(_ node: YAMLNode) -> Bool {
        nodeCount += 1
        guard nodeCount <= YAMLLimits.policyNodes else {
            others.append(
                Finding(.tooLarge, at: place(node), "more than \(YAMLLimits.policyNodes) values"))
            return false
        }
        guard let last = open.indices.last else {
            root = node
            return true
        }
        guard open[last].isMapping else {
            open[last].items.append(node)
            return true
        }
        if let key = open[last].pending {
            open[last].pending = nil
            open[last].entries.append(
                YAMLEntry(key: key.text, keyLine: key.line, keyColumn: key.column, value: node))
            return true
        }
        open[last].pending = key(from: node, in: last)
        return true
    }

    private mutating func key(from node: YAMLNode, in last: Int) -> Key {
        guard case .scalar(let scalar) = node.content else {
            others.append(Finding(.keyNotScalar, at: place(node), "a key has to be plain text"))
            return Key(text: "", line: node.line, column: node.column)
        }
        if scalar.text == "<<" {
            others.append(
                Finding(.keyNotScalar, at: place(node), "merge keys (`<<`) are not allowed"))
        } else if !open[last].keys.insert(scalar.text).inserted {
            others.append(
                Finding(.duplicateKey, at: place(node), "`\(scalar.text)` is a duplicate key here"))
        }
        return Key(text: scalar.text, line: node.line, column: node.column)
    }

    private func place(_ node: YAMLNode) -> PolicyLocation {
        PolicyLocation(file: file, line: node.line, column: node.column)
    }

    private mutating func takeAnchor(_ event: YAMLEvent) {
        anchors += 1
        guard firstAnchor == nil else { return }
        firstAnchor = PolicyLocation(file: file, line: event.line, column: event.column)
    }

    private mutating func report(_ code: FindingCode, _ event: YAMLEvent, _ message: String) {
        let place = PolicyLocation(file: file, line: event.line, column: event.column)
        others.append(Finding(code, at: place, message))
    }
}

private struct Key: Sendable {
    let text: String
    let line: Int
    let column: Int
}

/// A sequence or mapping that has not ended yet.
private struct Collection: Sendable {
    let isMapping: Bool
    let line: Int
    let column: Int
    var items: [YAMLNode] = []
    var entries: [YAMLEntry] = []
    var keys: Set<ExactText> = []
    /// The key whose value comes next.
    var pending: Key?

    init(_ isMapping: Bool, line: Int, column: Int) {
        self.isMapping = isMapping
        self.line = line
        self.column = column
    }

    var node: YAMLNode {
        YAMLNode(isMapping ? .mapping(entries) : .sequence(items), line: line, column: column)
    }
}
