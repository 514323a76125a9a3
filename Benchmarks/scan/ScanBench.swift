import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockScanning
import InterlockWorkspace
import InterlockWorkspaceFiles

/// Measures the search for secrets.
///
///     bench-scan FOLDER FILES BYTES
///
/// Makes a project of FILES files of BYTES bytes of JSON each in FOLDER, which must not exist. Prints one JSON object:
/// `clean_mb_s` (one text of clean JSON in memory, megabytes each second), `values_mb_s` (with a registered value),
/// `re2_mb_s` (RE2 alone, the baseline), `ratio` (of the first to the last), `decode_clean_mb_s` (the decoding alone of the
/// same text, which has nothing encoded), `decode_base64_mb_s` (of that text in base64), `decode_bytes_mb_s` (of random
/// bytes in base64, as a picture is), in milliseconds `compile`, `scan_cold` and `scan_warm` (files known to be clean),
/// and the figures of `ViewBench` and `LabelBench`.
@main
enum ScanBench {
    static let hashing = OpenSSLHashing()

    static func main() throws {
        let words = CommandLine.arguments
        guard words.count == 4, let files = Int(words[2]), let bytes = Int(words[3]), files > 0
        else { throw Misuse.usage }
        let rules = try RuleSet.builtIn(for: .calls, hashing: hashing)
        var result: JSONObject = ["files": .integer(Int64(files)), "bytes": .integer(Int64(bytes))]
        let text = json(64 << 20)
        let clock = ContinuousClock()
        let both = SecretScanner(rules, values: values([]), hashing: hashing)
        result["compile"] = .integer(
            milliseconds(try clock.measure { try search(both, Array("a".utf8)) }))
        let clean = rate(text.count, try clock.measure { try search(both, text) })
        let registered = SecretScanner(
            rules, values: values(["0123456789abcdef/registered"]), hashing: hashing)
        try search(registered, Array("a".utf8))
        let second = rate(text.count, try clock.measure { try search(registered, text) })
        let alone = SecretScanner(
            rules, values: values([]), hashing: hashing, mode: .confirmationAlone)
        let part = Array(text.prefix(4 << 20))
        try search(alone, Array("a".utf8))
        let baseline = rate(part.count, try clock.measure { try search(alone, part) })
        result["clean_mb_s"] = .integer(clean)
        result["values_mb_s"] = .integer(second)
        result["re2_mb_s"] = .integer(baseline)
        result["ratio"] = .integer(clean / max(1, baseline))
        result["decode_clean_mb_s"] = .integer(decodingRate(text, in: clock))
        let words64 = Array(Base64.encode(Array(text.prefix(8 << 20))).utf8)
        result["decode_base64_mb_s"] = .integer(decodingRate(words64, in: clock))
        let bytes64 = Array(Base64.encode(random(8 << 20)).utf8)
        result["decode_bytes_mb_s"] = .integer(decodingRate(bytes64, in: clock))
        try ViewBench.measure(text, hashing: hashing, into: &result)
        LabelBench.measure(into: &result)
        try walk(
            words[1], files, bytes, try RuleSet.builtIn(for: .files, hashing: hashing), &result)
        print(String(decoding: result.serialized(), as: UTF8.self))
    }

    /// Searches a project twice; digests and clean files are known the second time.
    private static func walk(
        _ root: String, _ files: Int, _ bytes: Int, _ rules: RuleSet, _ result: inout JSONObject
    ) throws {
        guard unsafe mkdir(root, 0o700) == 0 else { throw Misuse.folder }
        let content = json(bytes)
        for number in 0..<files {
            let folder = "\(root)/d\(number / 100)"
            if number % 100 == 0 {
                guard unsafe mkdir(folder, 0o755) == 0 else { throw Misuse.folder }
            }
            let file = unsafe open("\(folder)/f\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            guard file >= 0 else { throw Misuse.folder }
            let written = unsafe write(file, content, content.count)
            close(file)
            guard written == content.count else { throw Misuse.folder }
        }
        // Only files that have settled are remembered.
        sleep(3)
        var hashes = HashCache(hashing: hashing)
        var clean = HashCache(hashing: hashing)
        let clock = ContinuousClock()
        for name in ["scan_cold", "scan_warm"] {
            let scanner = SecretScanner(rules, values: values([]), hashing: hashing)
            let time = try clock.measure {
                let search = try ProjectSearch(
                    of: root, hidden: try HiddenNames([".env*"]), scanner: scanner,
                    hashing: hashing, hashes: hashes, clean: clean)
                guard search.files == files, search.found.isEmpty else { throw Misuse.count }
                hashes = HashCache(search.hashes.bytes(hashing: hashing), hashing: hashing)
                clean = HashCache(search.clean.bytes(hashing: hashing), hashing: hashing)
            }
            result[name] = .integer(milliseconds(time))
        }
    }

    private static func values(_ texts: [String]) -> BrokeredValues {
        var values = BrokeredValues(key: (1, 2))
        for text in texts { _ = values.add(Array(text.utf8)) }
        return values
    }

    private static func search(_ scanner: SecretScanner, _ text: [UInt8]) throws {
        scanner.begin()
        for start in stride(from: 0, to: text.count, by: 1 << 17) {
            try scanner.take(text.span.extracting(start..<min(start + (1 << 17), text.count)))
        }
        guard try scanner.finish().blocking == 0 else { throw Misuse.count }
    }

    /// The rate at which two layers of a text are decoded, without limits and without a search of them.
    private static func decodingRate(_ text: [UInt8], in clock: ContinuousClock) -> Int64 {
        var decoder = ViewDecoder(ViewLimits(partBytes: 1 << 40, allBytes: 1 << 40))
        let inflater = ZlibInflater()
        let time = clock.measure {
            var start = 0
            while start < text.count {
                let (layer, end) = decoder.layer(
                    of: text.span, startingIn: start..<min(text.count, start + (1 << 18)),
                    by: inflater)
                if !layer.isEmpty { _ = decoder.layer(of: layer, by: inflater) }
                start = end
            }
        }
        return rate(text.count, time)
    }

    private static func random(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// JSON without secrets, of about this size.
    private static func json(_ count: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count + 200)
        var number = 1
        while text.count < count {
            number = number &* 1_103_515_245 &+ 12_345 & 0x7fff_ffff
            text +=
                Array(
                    """
                    {"id":\(number),"name":"item \(number % 9973)","path":"/srv/\(number % 8191)","text":"Lorem ipsum \
                    dolor sit amet, consectetur adipiscing elit","ok":true},

                    """.utf8)
        }
        return text
    }

    private static func rate(_ bytes: Int, _ time: Duration) -> Int64 {
        let parts = time.components
        let micros = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        return Int64(bytes) / max(1, micros)
    }

    private static func milliseconds(_ time: Duration) -> Int64 {
        let parts = time.components
        return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }

    enum Misuse: Error { case usage, folder, count }
}
