package import InterlockJSON
import InterlockModel

/// The text of a journal: one JSON object per line. The first line and the steps are written as a whole before the first
/// step; then one line is added per step, and one at the end. A last line without its line feed is the mark of a crash
/// and counts as not written.
extension ApplyJournal {
    package static let mostBytes = 1 << 30
    private static let limits = JSONLimits(depth: 4, bytes: 64 << 10, values: 64)

    /// The lines that are written before the first step.
    package var head: [UInt8] {
        var text = firstLine
        text.append(UInt8(ascii: "\n"))
        for step in steps {
            step.json.appendSerialized(to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private var firstLine: [UInt8] {
        JSONValue.object([
            "journal": 1, "run": .string(run.text), "base": .string(base.prefixed),
            "steps": .integer(Int64(steps.count)),
        ]).serialized()
    }

    /// The line that is added once step `number` was made.
    package static func doneLine(_ number: Int) -> [UInt8] { Array("{\"done\":\(number)}\n".utf8) }
    package static let finishedLine = Array("{\"finished\":true}\n".utf8)

    /// - Throws: the number of the first line that is not as it is written, from 1.
    package init(parsing text: [UInt8]) throws(TreeTextError) {
        guard text.count <= Self.mostBytes else { throw TreeTextError(line: 1) }
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last element follows the last line feed: nothing, or a part of a line.
        lines.removeLast()
        guard let first = lines.first, let head = try? Self.value(first),
            head["journal"]?.integer == 1,
            let run = head["run"]?.string.flatMap({ RunID($0) }),
            let base = head["base"]?.string.flatMap({ Digest(prefixed: $0) }),
            let count = head["steps"]?.integer, count >= 0, count < lines.count
        else { throw TreeTextError(line: 1) }
        var steps: [ApplyStep] = []
        for index in 1..<(Int(count) + 1) {
            guard let step = (try? Self.value(lines[index])).flatMap(ApplyStep.init(json:)),
                step.json.serialized().elementsEqual(lines[index])
            else { throw TreeTextError(line: index + 1) }
            steps.append(step)
        }
        self.init(run: run, base: base, steps: steps)
        guard firstLine.elementsEqual(first) else { throw TreeTextError(line: 1) }
        for index in (Int(count) + 1)..<max(Int(count) + 1, lines.count) {
            switch next {
            case .make(_, let number) where lines[index] == Self.doneLine(number).dropLast():
                noteDone()
            case .finish where lines[index] == Self.finishedLine.dropLast(): noteFinished()
            default: throw TreeTextError(line: index + 1)
            }
        }
    }

    private static func value(_ line: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(line), limits: limits)
    }
}

extension ApplyStep {
    package var json: JSONValue {
        var object: JSONObject = ["path": .string(path.escaped)]
        switch action {
        case .removeFile: object["do"] = "remove_file"
        case .removeDirectory: object["do"] = "remove_dir"
        case .makeDirectory(let mode):
            object["do"] = "make_dir"
            object["mode"] = .string(octal(mode))
        case .writeFile(let digest, let size, let mode):
            object["do"] = "write_file"
            object["sha256"] = .string(digest.hex)
            object["size"] = .integer(size)
            object["mode"] = .string(octal(mode))
        case .writeLink(let target):
            object["do"] = "write_link"
            object["target"] = .string(EscapedBytes.text(target))
        case .setMode(let mode):
            object["do"] = "set_mode"
            object["mode"] = .string(octal(mode))
        }
        switch expected {
        case .absent: object["was"] = "absent"
        case .directory: object["was"] = "dir"
        case .file(let digest): object["was"] = .string("file:" + digest.hex)
        case .link(let target): object["was"] = .string("link:" + EscapedBytes.text(target))
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        func digest(_ text: some StringProtocol) -> Digest? {
            Hex.decode(text).flatMap { Digest(bytes: $0) }
        }
        let mode = json["mode"]?.string.flatMap { InterlockWorkspace.mode(octal: $0) }
        let target = json["target"]?.string.flatMap(EscapedBytes.bytes)
        guard let path = json["path"]?.string.flatMap(WorkspacePath.init(escaped:)),
            let was = json["was"]?.string
        else { return nil }
        let action: Action
        switch (json["do"]?.string, mode, target) {
        case ("remove_file", nil, nil): action = .removeFile
        case ("remove_dir", nil, nil): action = .removeDirectory
        case ("make_dir", let mode?, nil): action = .makeDirectory(mode: mode)
        case ("set_mode", let mode?, nil): action = .setMode(mode)
        case ("write_link", nil, let target?): action = .writeLink(target: target)
        case ("write_file", let mode?, nil):
            guard let content = json["sha256"]?.string.flatMap({ digest($0) }),
                let size = json["size"]?.integer, size >= 0
            else { return nil }
            action = .writeFile(digest: content, size: size, mode: mode)
        default: return nil
        }
        let expected: Expected
        switch was {
        case "absent": expected = .absent
        case "dir": expected = .directory
        case _ where was.hasPrefix("file:"):
            guard let content = digest(was.dropFirst(5)) else { return nil }
            expected = .file(content)
        case _ where was.hasPrefix("link:"):
            guard let target = EscapedBytes.bytes(String(was.dropFirst(5))) else { return nil }
            expected = .link(target: target)
        default: return nil
        }
        self.init(path, action, expected)
    }
}
