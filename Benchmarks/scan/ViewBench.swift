import Glibc
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockScanning
import Synchronization

/// Measures what a gateway's search takes, decoded views and a registered value included: `call_2k_ns` (nanoseconds for
/// 2 KB of arguments and 2 KB of a result, both at once), `call_1m_us` (microseconds for 1 MB), and megabytes each second
/// of 4 MiB as `views_mb_s` (clean JSON), `views_base64_mb_s` (of that JSON in base64) and `views_lines_mb_s` (in lines of
/// 76 characters).
enum ViewBench {
    private static let calls = 2_000
    private static let rounds = 10

    /// An answer that another thread gives.
    private final class Answer: Sendable {
        private let known = Mutex<ResultInspection?>(nil)

        func give(_ inspection: ResultInspection) { known.withLock { $0 = inspection } }

        func wait() -> ResultInspection {
            while true {
                if let inspection = known.withLock({ $0 }) { return inspection }
                usleep(20)
            }
        }
    }

    /// - Parameters:
    ///   - json: clean JSON of at least 4 MiB.
    ///   - result: the figures are added to it.
    static func measure(
        _ json: [UInt8], hashing: any Hashing, into result: inout JSONObject
    ) throws {
        guard let agent = AgentName("bench") else { throw ScanBench.Misuse.count }
        let reader = BrokerValueReader(
            on: globalConcurrentExecutor, longestAge: .seconds(3600)
        ) { (_) throws(ScanFailure) in
            var values = BrokeredValues(key: (1, 2))
            _ = values.add(Array("0123456789abcdef/registered".utf8))
            return (values, [0])
        }
        let search = ResultSearch(
            try CompiledRules.builtIn(hashing: hashing), for: reader, hashing: hashing,
            on: globalConcurrentExecutor, most: 8, callers: 1)
        search.refresh()
        while search.inspectAtOnce(["a"], bytes: 1) == nil { usleep(1000) }
        let small = text(json.prefix(2_000))
        let clock = ContinuousClock()
        var clean = 0
        let both = clock.measure {
            for _ in 0..<2 * calls
            where search.inspectAtOnce([small], bytes: small.utf8.count)?.isClean == true {
                clean += 1
            }
        }
        guard clean == 2 * calls else { throw ScanBench.Misuse.count }
        result["call_2k_ns"] = .integer(nanoseconds(both) / Int64(calls))
        let million = try time(text(json.prefix(1_000_000)), by: search, agent)
        result["call_1m_us"] = .integer(million / 1000)
        let whole = Array(json.prefix(4 << 20))
        let encoded = Array(Base64.encode(Array(whole.prefix(3 << 20))).utf8)
        for (name, bytes) in [
            ("views_mb_s", whole), ("views_base64_mb_s", encoded),
            ("views_lines_mb_s", lines(of: encoded)),
        ] {
            let took = try time(text(bytes[...]), by: search, agent)
            result[name] = .integer(Int64(bytes.count) * 1000 / max(1, took))
        }
    }

    /// Returns the nanoseconds of a search, the mean of several.
    private static func time(
        _ text: String, by search: ResultSearch, _ agent: AgentName
    ) throws -> Int64 {
        var clean = 0
        let time = ContinuousClock().measure {
            for _ in 0..<rounds {
                let answer = Answer()
                Task { answer.give(await search.inspect([text], for: agent)) }
                if answer.wait().isClean { clean += 1 }
            }
        }
        guard clean == rounds else { throw ScanBench.Misuse.count }
        return nanoseconds(time) / Int64(rounds)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func lines(of bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 76) {
            text += bytes[start..<min(start + 76, bytes.count)]
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        let parts = time.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
