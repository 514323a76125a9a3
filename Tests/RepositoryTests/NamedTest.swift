import Synchronization

/// A test that a document names: `test_file.py::test_name` of `Tests/EndToEnd`, or a Swift file and the test's
/// sentence, `FileTests/a sentence`.
struct NamedTest {
    enum Fault: Sendable { case absent, uncollected, skipped, assertsNothing }

    /// Is nil if the test is collected, is not skipped with `CI=true`, and asserts something.
    let fault: Fault?
    /// The source of the test and of the functions of its file that it names; empty if the test is absent.
    let text: String

    init(_ name: String) {
        if let found = Self.python(name) ?? Self.swift(name) {
            text = found.text
            fault = found.fault
        } else {
            text = ""
            fault = .absent
        }
    }

    private typealias Found = (text: String, fault: Fault?)

    // MARK: Python

    private static func python(_ name: String) -> Found? {
        guard let colons = name.firstRange(of: "::") else { return nil }
        let file = String(name[..<colons.lowerBound])
        let function = String(name[colons.upperBound...])
        let blocks = blocks(of: file)
        guard let block = blocks.first(where: { $0.functions.contains(function) }) else {
            return nil
        }
        let helpers = blocks.filter { helper in
            helper.functions.contains {
                $0 != function && Repository.has($0 + "(", in: block.text)
            }
        }
        let text = ([block] + helpers).map(\.text).joined(separator: gap)
        guard file.hasPrefix("test_"), function.hasPrefix("test_") else {
            return (text, .uncollected)
        }
        return (text, fault(inPython: text))
    }

    /// Two blank lines, which separate top-level definitions.
    private static let gap = "\n\n\n"

    private struct Block: Sendable {
        let text: String
        let functions: [String]
    }

    /// The blocks of the files that were read. Most files are named several times.
    private static let read = Mutex<[String: [Block]]>([:])

    private static func blocks(of file: String) -> [Block] {
        if let known = read.withLock({ $0[file] }) { return known }
        let blocks = Repository.text(of: "Tests/EndToEnd/" + file).split(separator: gap).map {
            Block(text: String($0), functions: functions(of: String($0)))
        }
        read.withLock { $0[file] = blocks }
        return blocks
    }

    /// - Parameter block: a function, its decorators and its helpers.
    static func fault(inPython block: String) -> Fault? {
        let skips = ["mark.skip", "pytest.skip(", "mark.xfail", "mark.stress", "importorskip"]
        if skips.contains(where: { block.contains($0) }) { return .skipped }
        let asserts = ["assert ", "check_", "pytest.raises", "refused("]
        return asserts.contains { block.contains($0) } ? nil : .assertsNothing
    }

    /// The functions that are defined at the left margin.
    private static func functions(of block: String) -> [String] {
        block.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("def ") else { return nil }
            return String(line.dropFirst("def ".count).prefix { $0 != "(" })
        }
    }

    // MARK: Swift

    private static func swift(_ name: String) -> Found? {
        guard let slash = name.firstIndex(of: "/") else { return nil }
        let file = "/\(name[..<slash]).swift"
        let function = "func `\(name[name.index(after: slash)...])`("
        for path in swiftFiles where path.hasSuffix(file) {
            let text = Repository.text(of: path)
            guard Repository.has(function, in: text),
                let place = text.firstRange(of: function)
            else { continue }
            // The block extends from the blank line above the attributes to the function's closing brace.
            let above = text[..<place.lowerBound].lines
            let start = above.lastIndex { $0.isEmpty } ?? 0
            let body = text[place.lowerBound...].lines.prefix { !$0.hasPrefix("    }") }
            let attributes = above[start...].joined(separator: "\n")
            let block = attributes + body.joined(separator: "\n")
            return (block, fault(inSwift: block))
        }
        return nil
    }

    /// - Parameter block: a function and its attributes.
    static func fault(inSwift block: String) -> Fault? {
        guard block.contains("@Test") else { return .uncollected }
        if block.contains(".disabled(") { return .skipped }
        if block.contains(".enabled("), !block.contains("isCI") { return .skipped }
        let asserts = ["#expect", "#require", "check("]
        return asserts.contains { block.contains($0) } ? nil : .assertsNothing
    }

    private static let swiftFiles = Repository.files(under: "Tests", endingIn: ["Tests.swift"])
}

extension Substring {
    fileprivate var lines: [Substring] { split(separator: "\n", omittingEmptySubsequences: false) }
}
