import InterlockModel
import InterlockPolicy

/// One section of `interlock.yaml`.
struct Section: Sendable {
    let name: String
    let about: String
    let settings: [Setting]

    init(_ name: String, _ about: String, _ settings: [Setting]) {
        self.name = name
        self.about = about
        self.settings = settings
    }
}

/// One key: its form, its meaning, and how its value is written and read.
struct Setting: Sendable {
    struct ValueError: Error { let expected: String }

    let name: String
    let form: String
    let about: String
    /// Writes the value of a configuration as in the file.
    let text: @Sendable (Configuration) -> String
    let read: @Sendable (YAMLNode, inout Configuration) throws(ValueError) -> Void

    typealias Path<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    static func text(_ name: String, _ path: Path<String>, _ about: String) -> Setting {
        Setting(
            name: name, form: "text", about: about, text: { "\"\($0[keyPath: path])\"" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, !scalar.text.isEmpty else {
                    throw ValueError(expected: "a text")
                }
                configuration[keyPath: path] = scalar.text
            })
    }

    /// - Parameter notYet: words of the specification that this version refuses by name.
    static func word(
        _ name: String, _ path: Path<String>, _ words: [String], notYet: [String],
        _ about: String
    ) -> Setting {
        Setting(
            name: name, form: words.joined(separator: ", "), about: about,
            text: { $0[keyPath: path] },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, words.contains(scalar.text) else {
                    var expected = words.joined(separator: " or ")
                    if case .scalar(let scalar) = node.content, notYet.contains(scalar.text) {
                        expected += "; `\(scalar.text)` is not built in this version"
                    }
                    throw ValueError(expected: expected)
                }
                configuration[keyPath: path] = scalar.text
            })
    }

    static func flag(_ name: String, _ path: Path<Bool>, _ about: String) -> Setting {
        Setting(
            name: name, form: "true or false", about: about, text: { String($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, let value = Bool(scalar.text) else {
                    throw ValueError(expected: "true or false")
                }
                configuration[keyPath: path] = value
            })
    }

    static func count(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "\(range.lowerBound) to \(range.upperBound)", about: about,
            text: { String($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let value = plainInteger(scalar.text),
                    range.contains(value)
                else {
                    throw ValueError(
                        expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
                }
                configuration[keyPath: path] = value
            })
    }

    static func bytes(_ name: String, _ path: Path<Int>, _ about: String) -> Setting {
        Setting(
            name: name, form: "bytes, KiB, MiB or GiB", about: about,
            text: { ByteCount.text($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let value = ByteCount.parse(scalar.text)
                else { throw ValueError(expected: "a size such as 4MiB") }
                configuration[keyPath: path] = value
            })
    }

    static func duration(
        _ name: String, _ path: Path<Duration>, _ seconds: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let expected =
            "a duration from \(seconds.lowerBound)s to \(seconds.upperBound)s, such as 45s or 10m"
        return Setting(
            name: name, form: "\(seconds.lowerBound)s to \(seconds.upperBound)s", about: about,
            text: { "\($0[keyPath: path].components.seconds)s" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, let value = secondsOf(scalar.text),
                    seconds.contains(value)
                else { throw ValueError(expected: expected) }
                configuration[keyPath: path] = .seconds(value)
            })
    }

    static func milliseconds(
        _ name: String, _ path: Path<Duration>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let bounds =
            "\(Milliseconds.text(range.lowerBound)) to \(Milliseconds.text(range.upperBound))"
        return Setting(
            name: name, form: bounds, about: about,
            text: { Milliseconds.text(Int($0[keyPath: path].microseconds / 1000)) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let value = Milliseconds.parse(scalar.text), range.contains(value)
                else {
                    throw ValueError(expected: "a duration from \(bounds), such as 500ms or 2s")
                }
                configuration[keyPath: path] = .milliseconds(value)
            })
    }

    /// `{server__tool: D2}`; a resource or prompt is `server__resource:name`.
    static func strengths(
        _ name: String, _ path: Path<[ToolAddress: Durability]>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "tools, resources and prompts with `D1` or `D2`", about: about,
            text: { configuration in
                let pairs = configuration[keyPath: path].sorted { $0.key < $1.key }
                    .map { "\($0.key.wireName): \($0.value.rawValue)" }
                return "{" + pairs.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .mapping(let entries) = node.content else {
                    throw ValueError(
                        expected: "tools with a strength, such as {tickets__close: D2}")
                }
                var strengths: [ToolAddress: Durability] = [:]
                for entry in entries {
                    guard let tool = ToolAddress(itemWireName: entry.key) else {
                        throw ValueError(
                            expected:
                                "keyed by tools, such as tickets__close, or tickets__resource:note")
                    }
                    guard case .scalar(let scalar) = entry.value.content,
                        let strength = Durability(rawValue: scalar.text), strength > .local
                    else { throw ValueError(expected: "`D1` or `D2` for each tool") }
                    strengths[tool] = strength
                }
                configuration[keyPath: path] = strengths
            })
    }

    static func list(_ name: String, _ path: Path<[String]>, _ about: String) -> Setting {
        Setting(
            name: name, form: "list of texts", about: about,
            text: { "[" + $0[keyPath: path].map { "\"\($0)\"" }.joined(separator: ", ") + "]" },
            read: { (node, configuration) throws(ValueError) in
                guard case .sequence(let nodes) = node.content else {
                    throw ValueError(expected: "a list")
                }
                var values: [String] = []
                for node in nodes {
                    guard case .scalar(let scalar) = node.content else {
                        throw ValueError(expected: "a list of texts")
                    }
                    values.append(scalar.text)
                }
                configuration[keyPath: path] = values
            })
    }
}

/// The notation of a size in bytes, such as `4MiB`.
enum ByteCount {
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
    static func parse(_ text: String) -> Int? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        guard let number = plainInteger(unit.map { String(text.dropLast($0.suffix.count)) } ?? text)
        else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit?.factor ?? 1)
        return overflow || bytes <= 0 || bytes >= 1 << 53 ? nil : bytes
    }
}

/// The notation of a short duration: `500ms`, `2s`.
enum Milliseconds {
    static func text(_ count: Int) -> String {
        count % 1000 == 0 ? "\(count / 1000)s" : "\(count)ms"
    }

    static func parse(_ text: String) -> Int? {
        guard text.hasSuffix("ms") else {
            return secondsOf(text).flatMap { seconds in
                let (count, overflow) = seconds.multipliedReportingOverflow(by: 1000)
                return overflow ? nil : count
            }
        }
        return plainInteger(String(text.dropLast(2)))
    }
}

/// Parses digits without a sign or a leading zero.
func plainInteger(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        text == "0" || text.utf8.first != 0x30
    else { return nil }
    return Int(text)
}

/// Parses a duration such as `45s`, `10m`, `2h` or `1d` into seconds.
func secondsOf(_ text: String) -> Int? {
    let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last, let factor = factors[unit],
        let number = plainInteger(String(text.dropLast()))
    else { return nil }
    let (seconds, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : seconds
}
