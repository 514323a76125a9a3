import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSafety
import InterlockSandbox

/// The differences between a server and its lock as text. All text of servers is shown with its invisible characters
/// escaped.
struct ComparisonText {
    /// The maximum length of one value in characters. A longer value is cut, with a remark.
    private static let longestValue = 2000

    let comparison: LockComparison
    let entry: LockedServer?
    let leftOut: [(name: String, reason: String)]
    var findings: [DescriptionFinding] = []
    /// A caution about its code that is not a difference.
    var caveat: String?
    /// The statements about the flow of values that the policy's entries of new and changed tools could have, where they
    /// have none.
    var proposals: [ToolName: String] = [:]

    var lines: [String] {
        var lines = ["\(comparison.server): \(headline)"]
        lines += comparison.changes.flatMap { change($0, indent: "  ") }
        lines += changedFolders.compactMap { folder in
            CodeReader(hashing: OpenSSLHashing()).lastWritten(in: folder).map {
                "  i last written below \(shown(folder)): \(shown($0))"
            }
        }
        if comparison.state == .new {
            lines += (entry?.code?.withoutCaches.parts ?? []).map {
                "  + code \(shown($0.path))  \($0.digest.prefixed.prefix(19))"
            }
        }
        for tool in comparison.tools where tool.state != .same {
            lines.append("  \(mark(tool.state)) \(tool.name)\(pin(of: tool))")
            lines += tool.changes.flatMap { change($0, indent: "      ") }
            if let proposal = proposals[tool.name] {
                lines.append("      i its entry in the policy could state: \(shown(proposal))")
            }
        }
        for prompt in comparison.prompts where prompt.state != .same {
            let pin = entry?.prompts[prompt.name]?.pin.prefixed.prefix(19) ?? ""
            lines.append("  \(mark(prompt.state)) prompt \(shown(prompt.name))  \(pin)")
            lines += prompt.changes.flatMap { change($0, indent: "      ") }
        }
        for (name, reason) in leftOut {
            lines.append("  ! \(shown(name)): cannot be pinned: \(shown(reason))")
        }
        if let caveat { lines.append("  i " + shown(caveat)) }
        lines += findings.map { "  ? " + shown($0.text) }
        return lines
    }

    var json: JSONValue {
        [
            "server": .string(comparison.server.text), "state": .string(comparison.state.rawValue),
            "changes": .array(comparison.changes.map(Self.json)),
            "tools": .array(
                comparison.tools.map { tool in
                    [
                        "tool": .string(tool.name.text), "state": .string(tool.state.rawValue),
                        "pin": (entry?.tools[tool.name]?.pin.prefixed).map { .string($0) } ?? .null,
                        "floor": (entry?.tools[tool.name]?.floor?.rawValue).map { .string($0) }
                            ?? .null, "changes": .array(tool.changes.map(Self.json)),
                    ]
                }),
            "prompts": .array(
                comparison.prompts.map { prompt in
                    [
                        "prompt": .string(prompt.name), "state": .string(prompt.state.rawValue),
                        "pin": (entry?.prompts[prompt.name]?.pin.prefixed).map { .string($0) }
                            ?? .null, "changes": .array(prompt.changes.map(Self.json)),
                    ]
                }),
            "left_out": .array(
                leftOut.map { ["tool": .string($0.name), "reason": .string($0.reason)] }),
            "caveat": caveat.map { .string($0) } ?? .null, "findings": .array(findings.map(\.json)),
        ]
    }

    /// The folders of code whose digests differ.
    private var changedFolders: [String] {
        guard comparison.state == .changed, let parts = entry?.code?.withoutCaches.parts
        else { return [] }
        return parts.enumerated().filter { place, part in
            part.kind == .folder
                && comparison.changes.contains { $0.path.hasPrefix("code[\(place)]") }
        }.map(\.element.path)
    }

    private var headline: String {
        switch comparison.state {
        case .same: "as in the lock, \(counts)"
        case .new: "not in the lock, \(counts)"
        case .gone: "in the lock, no longer in the policy"
        case .changed: "differs from the lock"
        }
    }

    private var counts: String {
        "\(comparison.tools.count) tools"
            + (comparison.prompts.isEmpty ? "" : ", \(comparison.prompts.count) prompts")
    }

    private func mark(_ state: LockComparison.State) -> String {
        switch state {
        case .same: " "
        case .new: "+"
        case .changed: "~"
        case .gone: "-"
        }
    }

    private func pin(of tool: LockComparison.Tool) -> String {
        guard let locked = entry?.tools[tool.name] else { return "" }
        let floor = locked.floor.map { ", at least class \($0.rawValue)" } ?? ""
        return "  \(locked.pin.prefixed.prefix(19))\(floor)"
    }

    private func change(_ change: JSONChange, indent: String) -> [String] {
        let path = indent + shown(change.path)
        switch (change.old, change.new) {
        case (nil, let new?): return ["\(path): \(text(new))"]
        case (let old?, nil): return ["\(path): gone, was \(text(old))"]
        case (let old?, let new?):
            return ["\(path)", "\(indent)  - \(text(old))", "\(indent)  + \(text(new))"]
        case (nil, nil): return []
        }
    }

    private func text(_ value: JSONValue) -> String {
        let text = shown(String(decoding: value.serialized(), as: UTF8.self))
        guard text.count > Self.longestValue else { return text }
        return "\(text.prefix(Self.longestValue)) ... (\(text.count) characters, whole with --json)"
    }

    private func shown(_ text: String) -> String { TerminalEscaping.shown(text) }

    private static func json(_ change: JSONChange) -> JSONValue {
        ["path": .string(change.path), "old": change.old ?? .null, "new": change.new ?? .null]
    }
}
