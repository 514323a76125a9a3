import InterlockJSON
import InterlockModel
import InterlockSafety

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
    /// True for each text that is a name.
    private var isName: [Bool] = []
    private var nodes: [Node] = []

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
        case .number(let number): add(text: number.searched, in: node)
        case .string(let text): add(text: text, in: node)
        case .array(let items):
            for (index, item) in items.enumerated() {
                nodes.append(Node(parent: node, token: String(index), key: nil, name: nil))
                add(item, in: nodes.count - 1)
            }
        case .object(let object):
            for (key, value) in object.members {
                let name = starts.count
                add(text: key, in: node, isName: true)
                nodes.append(
                    Node(parent: node, token: JSONPointer.escaped(key), key: key, name: name))
                add(value, in: nodes.count - 1)
            }
        }
    }

    private mutating func add(text: String, in node: Int?, isName: Bool = false) {
        starts.append(bytes.count)
        places.append(node)
        self.isName.append(isName)
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The index of the text that has a byte; nil if the content is no JSON.
    func text(at offset: Int) -> Int? { starts.lastIndex { $0 <= offset } }

    /// Returns the names of the members that lead to a text; nil for a text that is a name itself.
    func names(to text: Int) -> [String]? {
        guard !isName[text] else { return nil }
        var found: [String] = []
        var node = places[text]
        while let index = node {
            if let key = nodes[index].key { found.append(key) }
            node = nodes[index].parent
        }
        return Array(found.reversed())
    }

    /// The texts that have a part of a finding; nil if the content is no JSON.
    private func texts(of finding: SecretFinding) -> ClosedRange<Int>? {
        let start = Int(finding.offset)
        guard let first = text(at: start),
            let last = text(at: start + max(0, finding.length - 1))
        else { return nil }
        return first...max(first, last)
    }

    /// Returns the names that no pointer may have, as they may be a part of what was found. A plain word at the beginning of
    /// a finding is not one: it is the word by which the rule knows the value after it.
    func hiddenNames(by findings: [SecretFinding]) -> Set<Int> {
        var hidden: Set<Int> = []
        for finding in findings {
            guard let texts = texts(of: finding) else { continue }
            for text in texts where isName[text] {
                let isBefore = text == texts.lowerBound && text < texts.upperBound
                if !(isBefore && isPlainWord(text)) { hidden.insert(text) }
            }
        }
        return hidden
    }

    /// The longest name that counts as a plain word, in bytes.
    private static let longestWord = 40

    /// Returns true for letters, with hyphens, points, spaces and low lines between them.
    private func isPlainWord(_ text: Int) -> Bool {
        let next = text + 1 < starts.count ? starts[text + 1] : bytes.count
        let word = bytes[starts[text]..<max(starts[text], next - 1)]
        return word.count <= Self.longestWord
            && word.allSatisfy { byte in
                switch byte {
                case 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: " "):
                    true
                default: false
                }
            }
    }

    /// Returns the JSON Pointers of the first and of the last value that have a part of a finding; of the object around it
    /// if it is in a name alone. Returns nil if the content is no JSON.
    func pointers(
        to finding: SecretFinding, hiding names: Set<Int>
    ) -> (first: String, last: String)? {
        guard let texts = texts(of: finding) else { return nil }
        let first = texts.first { !isName[$0] } ?? texts.lowerBound
        let last = texts.last { !isName[$0] } ?? texts.lowerBound
        return (pointer(to: first, hiding: names), pointer(to: last, hiding: names))
    }

    /// Returns the JSON Pointer of a text. It ends before a hidden name.
    private func pointer(to text: Int, hiding names: Set<Int>) -> String {
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
