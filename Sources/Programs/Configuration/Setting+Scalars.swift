import InterlockCredentials
import InterlockLimits
import InterlockModel
import InterlockPolicy

extension Setting {
    static func text(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        scalar(name, path, about, form: "text", expected: "a text", text: Notation.quoted) {
            $0.isEmpty ? nil : $0
        }
    }

    /// A path relative to the deployment folder; empty if unset.
    static func path(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        scalar(name, path, about, form: "path", expected: "a path", text: Notation.quoted) {
            $0.utf8.contains(0) ? nil : $0
        }
    }

    /// The name of a secret; empty if unset.
    static func secret(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "name of a secret",
            expected: "the name of a secret, never the secret itself", text: Notation.quoted
        ) { $0.isEmpty || SecretProvider.isName($0) ? $0 : nil }
    }

    /// A protected resource's URI. Scheme and host are converted to lower case.
    static func resource(_ name: String, _ path: Path<CanonicalURI>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "URI",
            expected:
                "an http or https URI without user, query, fragment or slash at the end, such as \"https://gw.example/mcp\"",
            text: { Notation.quoted($0.text) }, parse: { CanonicalURI($0) })
    }

    /// - Parameter notYet: words of the specification that this version refuses by name.
    static func word(
        _ name: String, _ path: Path<String>, _ words: [String], notYet: [String] = [],
        _ about: String
    ) -> Setting {
        Setting(
            name, path, about, form: words.joined(separator: ", "), text: { $0 },
            read: { (node) throws(ValueError) in
                let text = node.scalarText ?? ""
                guard !words.contains(text) else { return text }
                let remark = notYet.contains(text) ? "; `\(text)` is not built in this version" : ""
                throw ValueError(expected: words.joined(separator: " or ") + remark)
            })
    }

    static func flag(_ name: String, _ path: Path<Bool>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "true or false", expected: "true or false",
            text: { String($0) }, parse: { Bool($0) })
    }

    static func count(_ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String)
        -> Setting
    {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return scalar(
            name, path, about, form: bounds, expected: "an integer from \(bounds)",
            text: { String($0) },
            parse: { Notation.integer($0).flatMap { range.contains($0) ? $0 : nil } })
    }

    static func bytes(_ name: String, _ path: Path<Int>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "bytes, KiB, MiB or GiB", expected: "a size such as 4MiB",
            text: ByteCount.text, parse: ByteCount.parse)
    }

    static func bytes(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let bounds = "\(ByteCount.text(range.lowerBound)) to \(ByteCount.text(range.upperBound))"
        return scalar(
            name, path, about, form: bounds, expected: "a size from \(bounds), such as 4MiB",
            text: ByteCount.text,
            parse: { ByteCount.parse($0).flatMap { range.contains($0) ? $0 : nil } })
    }

    static func duration(
        _ name: String, _ path: Path<Duration>, _ seconds: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let bounds = "\(seconds.lowerBound)s to \(seconds.upperBound)s"
        return scalar(
            name, path, about, form: bounds,
            expected: "a duration from \(bounds), such as 45s or 10m",
            text: { "\($0.components.seconds)s" },
            parse: { secondsOf($0).flatMap { seconds.contains($0) ? .seconds($0) : nil } })
    }

    static func milliseconds(
        _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let bounds =
            "\(Milliseconds.text(range.lowerBound)) to \(Milliseconds.text(range.upperBound))"
        return scalar(
            name, path, about, form: bounds,
            expected: "a duration from \(bounds), such as 500ms or 2s",
            text: { Milliseconds.text(Int($0.microseconds / 1000)) },
            parse: {
                Milliseconds.parse($0).flatMap { range.contains($0) ? .milliseconds($0) : nil }
            })
    }

    static func fraction(
        _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ about: String
    ) -> Setting {
        let bounds = "\(range.lowerBound) to \(range.upperBound)"
        return scalar(
            name, path, about, form: bounds, expected: "a number from \(bounds)",
            text: { String($0) },
            parse: { text in
                guard text.utf8.count <= 10, let value = Notation.number(text),
                    range.contains(value)
                else { return nil }
                return value
            })
    }

    /// A share written as a fraction, `0.5`, and stored in percent.
    static func share(
        _ name: String, _ path: Path<Int>, _ percents: ClosedRange<Int>, _ about: String
    ) -> Setting {
        @Sendable func written(_ percent: Int) -> String {
            percent % 10 == 0
                ? "0.\(percent / 10)" : percent < 10 ? "0.0\(percent)" : "0.\(percent)"
        }
        let bounds = "\(written(percents.lowerBound)) to \(written(percents.upperBound))"
        return scalar(
            name, path, about, form: bounds,
            expected: "a share from \(bounds) in hundredths: breakers stay on", text: written
        ) { text in percents.first { written($0) == text || written($0) + "0" == text } }
    }

    /// A rate such as `600/m`.
    static func pace(_ name: String, _ path: Path<PaceRate>, _ about: String) -> Setting {
        let range = AdmissionLimits.Bounds.counts
        return scalar(
            name, path, about, form: "N/s, N/m, N/h or N/d, N from \(range.lowerBound)",
            expected:
                "`N/UNIT` such as 600/m, N from \(range.lowerBound) to \(range.upperBound), UNIT s, m, h or d: limits stay on",
            text: \.description,
            parse: { PaceRate($0).flatMap { range.contains($0.count) ? $0 : nil } })
    }

    /// A count in a time span, such as `5 in 60s`.
    static func repeats(
        _ name: String, _ path: Path<Repeats>, _ counts: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let spans = AgentBreakerSettings.Bounds.spanSeconds
        return scalar(
            name, path, about, form: "\(counts.lowerBound) to \(counts.upperBound) in a time",
            expected:
                "`N in TIME` such as 5 in 60s, N from \(counts.lowerBound) to \(counts.upperBound), TIME from \(spans.lowerBound)s to \(spans.upperBound)s: breakers stay on",
            text: { "\($0.count) in \($0.span.components.seconds)s" },
            parse: { text in
                let words = text.split(separator: " ", omittingEmptySubsequences: false)
                guard words.count == 3, words[1] == "in",
                    let count = Notation.integer(String(words[0])), counts.contains(count),
                    let span = secondsOf(String(words[2])), spans.contains(span)
                else { return nil }
                return Repeats(count, in: .seconds(span))
            })
    }

    static func drillTime(_ name: String, _ path: Path<DrillTime>, _ about: String) -> Setting {
        scalar(
            name, path, about, form: "`any` or DAY HH:MM ZONE",
            expected: "`any` or a time such as `tue 10:00 Europe/Lisbon`",
            text: { Notation.quoted("\($0)") }, parse: { DrillTime($0) })
    }
}

/// The notation of a size in bytes, such as `4MiB`.
package enum ByteCount {
    private static let units: [(suffix: String, factor: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]

    static func text(_ bytes: Int) -> String {
        for (suffix, factor) in units where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(suffix)"
        }
        return String(bytes)
    }

    /// - Returns: nil unless the text is a positive size below 2^53.
    package static func parse(_ text: String) -> Int? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = unit.map { String(text.dropLast($0.suffix.count)) } ?? text
        guard let number = Notation.integer(digits) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit?.factor ?? 1)
        return overflow || bytes <= 0 || bytes >= 1 << 53 ? nil : bytes
    }
}

/// The notation of a short duration: `500ms`, `2s`.
private enum Milliseconds {
    static func text(_ count: Int) -> String {
        count % 1000 == 0 ? "\(count / 1000)s" : "\(count)ms"
    }

    static func parse(_ text: String) -> Int? {
        guard !text.hasSuffix("ms") else { return Notation.integer(String(text.dropLast(2))) }
        return secondsOf(text).flatMap { seconds in
            let (count, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : count
        }
    }
}

/// Parses a duration such as `45s`, `10m`, `2h` or `1d` into seconds.
package func secondsOf(_ text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last, let factor = factors[unit],
        let number = Notation.integer(String(text.dropLast()))
    else { return nil }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : seconds
}
