import CAllocations
import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockYAML
import InterlockZones

/// Measures loading a policy and deciding by it.
///
///     bench-policy POLICY REQUESTS
///
/// POLICY is a policy folder. REQUESTS holds one JSON object `{group: [{agent, server, tool, args, at}]}`; the groups
/// are timed separately. Prints one JSON object: load time and memory, and for each group decisions per second, p50 and
/// p99 of single decisions in nanoseconds, allocations per decision, and the verdict of each request as a letter
/// (`a`llow, `p`eople, `d`eny), for comparison with other engines.
@main
enum PolicyBench {
    /// The number of timed blocks, of which the best counts: other load on the machine only adds time.
    static let blocks = 5

    static func main() throws {
        guard CommandLine.arguments.count == 3 else { throw Misuse.usage("POLICY REQUESTS") }
        let before = residentBytes()
        let clock = ContinuousClock()
        var loaded: PolicySnapshot?
        let took = try clock.measure { loaded = try compile(CommandLine.arguments[1]) }
        guard let policy = loaded else { throw Misuse.policy }
        let after = residentBytes()
        let overhead = clockOverhead()
        var groups = JSONObject()
        for (name, requests) in try read(CommandLine.arguments[2]) {
            groups[name] = report(requests, by: policy, overhead: overhead)
        }
        let result: JSONValue = [
            "load_ms": .integer(Int64(nanoseconds(took) / 1_000_000)),
            "bytes": .integer(Int64(max(0, after - before))),
            "agents": .integer(Int64(policy.agents.count)),
            "groups": .object(groups),
        ]
        print(String(decoding: result.serialized(), as: UTF8.self))
    }

    private struct Timed {
        let request: DecisionRequest
        let now: Timestamp
    }

    private static func report(
        _ requests: [Timed], by policy: PolicySnapshot, overhead: Int64
    ) -> JSONValue {
        let facts = DecisionFacts(effectiveStage: .trusted)
        var best: [Int64] = []
        var perSecond = 0.0
        for _ in 0..<blocks {
            var samples: [Int64] = []
            samples.reserveCapacity(requests.count)
            var used = 0
            for one in requests {
                let start = nanosecondsNow()
                used &+= policy.decide(one.request, facts: facts, now: one.now).quorum
                samples.append(max(0, nanosecondsNow() - start - overhead))
            }
            precondition(used != Int.min)
            let total = samples.reduce(0, +)
            let rate = Double(samples.count) * 1e9 / Double(max(total, 1))
            if rate > perSecond { (perSecond, best) = (rate, samples.sorted()) }
        }
        let allocations = allocationsOfOneDecision(requests, policy, facts)
        let verdicts = requests.map { one in
            letter(policy.decide(one.request, facts: facts, now: one.now).verdict)
        }
        return [
            "per_second": .integer(Int64(perSecond)),
            "p50_ns": .integer(best[best.count / 2]),
            "p99_ns": .integer(best[min(best.count - 1, best.count * 99 / 100)]),
            "max_ns": .integer(best[best.count - 1]),
            "allocations": .integer(Int64(allocations)),
            "verdicts": .string(verdicts.joined()),
        ]
    }

    /// The highest number of allocations that any of the requests needs.
    private static func allocationsOfOneDecision(
        _ requests: [Timed], _ policy: PolicySnapshot, _ facts: DecisionFacts
    ) -> UInt {
        var most: UInt = 0
        for one in requests {
            let before = interlock_allocations()
            let quorum = policy.decide(one.request, facts: facts, now: one.now).quorum
            let after = interlock_allocations()
            precondition(quorum >= 0)
            most = max(most, after - before)
        }
        return most
    }

    private static func letter(_ verdict: Verdict) -> String {
        switch verdict {
        case .allow: "a"
        case .approve: "p"
        case .deny: "d"
        }
    }

    private static func compile(_ path: String) throws -> PolicySnapshot {
        let reading = try PolicyReader.read(path, keepsTrees: false)
        guard let document = reading.document else {
            for finding in reading.findings.reported { complain(finding.text) }
            throw Misuse.policy
        }
        return try PolicySnapshot(
            compiling: document,
            with: PolicyEngines(
                patterns: RE2Compiler(), zones: SystemZones(), workers: OneThreadPerProcessor()),
            at: SystemClock().now.wall, hashing: OpenSSLHashing())
    }

    private static func read(_ path: String) throws -> [(String, [Timed])] {
        let limits = JSONLimits(depth: 32, bytes: 64 << 20)
        let tree = try JSONValue(parsing: try bytes(of: path), limits: limits)
        return try (tree.object ?? [:]).members.map { name, list in
            (name, try (list.array ?? []).map(timed))
        }
    }

    private static func timed(_ value: JSONValue) throws -> Timed {
        guard let agent = value["agent"]?.string.flatMap(AgentName.init),
            let server = value["server"]?.string.flatMap(ServerName.init),
            let tool = value["tool"]?.string.flatMap({ ToolName($0) }),
            let arguments = value["args"],
            let now = value["at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { throw Misuse.request }
        let address = ToolAddress(server: server, tool: tool)
        return Timed(
            request: DecisionRequest(agent: agent, address: address, arguments: arguments), now: now
        )
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { throw Misuse.request }
        defer { unsafe fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { return result }
            result.append(contentsOf: chunk[..<count])
        }
    }

    private static func nanosecondsNow() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time that two clock readings add to a sample (median), in nanoseconds.
    private static func clockOverhead() -> Int64 {
        let samples = (0..<10_001).map { _ in
            let start = nanosecondsNow()
            return nanosecondsNow() - start
        }
        return samples.sorted()[5_000]
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Resident memory in bytes, from `/proc/self/statm`.
    private static func residentBytes() -> Int {
        let text = String(decoding: (try? bytes(of: "/proc/self/statm")) ?? [], as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func complain(_ text: String) {
        _ = unsafe text.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
    }
}

enum Misuse: Error {
    case usage(String)
    case policy
    case request
}
