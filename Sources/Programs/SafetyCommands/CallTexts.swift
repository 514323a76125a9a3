import InterlockJSON

/// The texts of a call's arguments or result as their search has them: of JSON, each name and each value on a line of its
/// own; of other content, all of it.
struct CallTexts {
    /// A member of an object or an element of an array.
    private struct Node {
        /// The node around it; nil if that is the document.
        let parent: Int?
        let token: String
        /// The name as it is; nil for an element of an array.
        let key: String?
        /// The text that is its name; nil for an element of an array.
        let name: Int?
    }

    private(set) var bytes: [UInt8] = []
    /// The offset of each text.
    private var starts: [Int] = []
    /// The node of each text; a name is a text of the object that has it.
    private var places: [Int?] = []
    private var nodes: [Node] = []
    /// The texts that are names.
    private var names: Set<Int> = []

    init(_ content: [UInt8]) {
        guard let value = try? JSONValue(parsing: content, limits: .upstream),
            value.object != nil || value.array != nil
        else {
            bytes = content
            return
        }
        add(value, in: nil)
    }

    private mutating func add(_ value: JSONValue, in node: Int?) {
        switch value {
        case .null, .bool: break
        case .integer(let number): add(text: String(number), in: node)
        case .number(let number): add(text: number.text, in: node)
        case .string(let text): add(text: text, in: node)
        case .array(let items):
            for (index, item) in items.enumerated() {
                nodes.append(Node(parent: node, token: String(index), key: nil, name: nil))
                add(item, in: nodes.count - 1)
            }
        case .object(let object):
            for (key, value) in object.members {
                let name = starts.count
                names.insert(name)
                add(text: key, in: node)
                nodes.append(
                    Node(parent: node, token: JSONPointer.escaped(key), key: key, name: name))
                add(value, in: nodes.count - 1)
            }
        }
    }

    private mutating func add(text: String, in node: Int?) {
        starts.append(bytes.count)
        places.append(node)
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The index of the text that has a byte; nil if the content is no JSON.
    func text(at offset: Int) -> Int? { starts.lastIndex { $0 <= offset } }

    /// Returns the names of the members that lead to a text; nil for a text that is a name itself.
    func names(to text: Int) -> [String]? {
        guard !names.contains(text) else { return nil }
        var found: [String] = []
        var node = places[text]
        while let index = node {
            if let key = nodes[index].key { found.append(key) }
            node = nodes[index].parent
        }
        return Array(found.reversed())
    }

    /// Returns the JSON Pointer of a text. It ends before a name in which something was found.
    func pointer(to text: Int, hiding names: Set<Int>) -> String {
        var steps: [String] = []
        var node = places[text]
        while let index = node {
            let step = nodes[index]
            if let name = step.name, names.contains(name) {
                steps.removeAll()
            } else {
                steps.append(step.token)
            }
            node = step.parent
        }
        return steps.reversed().map { "/" + $0 }.joined()
    }
}
