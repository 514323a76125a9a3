import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicyReview
import InterlockYAML
import InterlockZones
import Testing

@testable import InterlockPolicy

let testEngines = PolicyEngines(patterns: RE2Compiler(), zones: SystemZones())

/// A time at which the examples have no findings.
let exampleTime = time("2026-11-20T09:00:00Z")

/// - Returns: 1970 for an invalid text, which no test expects.
func time(_ text: String) -> Timestamp {
    Timestamp(rfc3339: text) ?? Timestamp(microseconds: 0)
}

let repositoryRoot: String = {
    var parts = #filePath.split(separator: "/")
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/")
}()

func example(_ name: String) throws -> PolicyFile {
    let folder = try PolicyFolder.read(repositoryRoot + "/Examples/policies/" + name)
    let file = try #require(folder.files.first)
    return PolicyFile(path: name, role: .single, bytes: file.bytes)
}

/// One policy text, or several, each introduced by a line `=== path`.
func policyFiles(_ text: String) -> [PolicyFile] {
    guard text.hasPrefix("=== ") else {
        return [PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))]
    }
    var files: [PolicyFile] = []
    for part in ("\n" + text).components(separatedBy: "\n=== ").dropFirst() {
        let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(lines[0])
        let body = lines.count > 1 ? String(lines[1]) + "\n" : ""
        files.append(PolicyFile(path: path, role: role(of: path), bytes: Array(body.utf8)))
    }
    return files
}

private func role(of path: String) -> PolicyFileRole {
    switch path.split(separator: "/").first.map(String.init) {
    case "servers": .servers
    case "agents": .agents
    case "elevations": .elevations
    case "tests": .tests
    default: path == "org.yaml" ? .organisation : .single
    }
}

extension String {
    func components(separatedBy mark: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: mark) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}

/// The output of `interlock policy check`: errors, or lints and warnings that are not waived. A file `interlock.lock`
/// among the files is the lock.
///
/// - Parameter isServed: if true, adds the refusals of `serve` of this version, as `--served` does.
func checkOutput(
    _ files: [PolicyFile], at now: Timestamp = exampleTime, isServed: Bool = false
) -> String {
    var files = files
    var use = LockUse.ignored
    if let place = files.firstIndex(where: { $0.path == PolicyLock.fileName }) {
        let file = files.remove(at: place)
        do throws(FormError) {
            use = .read(try PolicyLock(parsing: file.bytes, hashing: OpenSSLHashing()))
        } catch {
            return Finding(lock: error, file: file.path, bytes: file.bytes).text + "\n"
        }
    }
    let reading = PolicyReader.read(files)
    var findings = reading.report(lock: use, with: testEngines, at: now).filter { !$0.waived }
    if isServed, let document = reading.document {
        findings += Enforcement.unsupported(document)
        findings += UnearnedRows(document, at: now).findings
    }
    return findings.map { $0.text + "\n" }.joined()
}

func snapshot(
    _ text: String, at now: Timestamp = exampleTime,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> PolicySnapshot {
    let files = policyFiles(text)
    let reading = PolicyReader.read(files)
    let problems = reading.findings.reported.map(\.text).joined(separator: "\n")
    let document = try #require(
        reading.document, Comment(rawValue: problems), sourceLocation: sourceLocation)
    return try PolicySnapshot(
        compiling: document, with: testEngines, at: now, hashing: OpenSSLHashing())
}

func address(_ text: String) throws -> ToolAddress {
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    let server = try #require(ServerName(parts[0]))
    return ToolAddress(server: server, tool: try #require(ToolName(item: parts[1])))
}

extension PolicySnapshot {
    func decision(
        _ agent: String, _ call: String, stage: TrustStage = .trusted,
        at now: Timestamp = exampleTime,
        _ change: (inout DecisionFacts) -> Void = { _ in }
    ) throws -> Decision {
        var facts = DecisionFacts(effectiveStage: stage)
        change(&facts)
        let request = DecisionRequest(
            agent: try #require(AgentName(agent)), address: try address(call), arguments: [:])
        return decide(request, facts: facts, now: now)
    }
}
