import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockSafety

/// Scans a server's words that no person has accepted yet.
struct DefinitionScan {
    private let scanner: DescriptionScanner

    /// - Parameter entries: the entries of all servers, so that a server that names another's tools is detected.
    init(_ entries: [ServerName: LockedServer]) {
        var names: [String] = []
        for (server, entry) in entries {
            for tool in entry.tools.keys {
                names.append(tool.text)
                names.append(ToolAddress(server: server, tool: tool).wireName)
            }
        }
        scanner = DescriptionScanner(tools: names)
    }

    /// - Parameters:
    ///   - comparison: the differences; only new and changed definitions are scanned.
    ///   - instructions: the live text if it differs from the reviewed one, otherwise nil.
    func findings(
        _ comparison: LockComparison, _ entry: LockedServer, instructions: String?
    ) -> [DescriptionFinding] {
        var findings: [DescriptionFinding] = []
        if let instructions {
            findings += scanner.scan(instructions, of: nil, at: "instructions")
        }
        for tool in comparison.tools where tool.state == .new || tool.state == .changed {
            guard var definition = entry.tools[tool.name]?.definition else { continue }
            definition["name"] = nil
            findings += scanner.scan(.object(definition), of: tool.name.text, at: tool.name.text)
        }
        for prompt in comparison.prompts where prompt.state == .new || prompt.state == .changed {
            guard var definition = entry.prompts[prompt.name]?.definition else { continue }
            definition["name"] = nil
            findings += scanner.scan(.object(definition), of: nil, at: "prompt:" + prompt.name)
        }
        return findings
    }
}

extension DescriptionFinding {
    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "path": .string(path),
            "offset": .integer(Int64(offset)), "excerpt": .string(excerpt),
            "encoded": .bool(isEncoded),
        ]
    }
}
