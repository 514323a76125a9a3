import InterlockLimits
import InterlockModel
import InterlockPolicy

extension Setting {
    /// Several keys in one map, each optional and at most once: `{same_write: 5 in 60s, cycles: 4}`.
    static func group(_ name: String, _ settings: [Setting], _ about: String) -> Setting {
        let keys = settings.map { "`\($0.name)`" }.joined(separator: ", ")
        return Setting(
            name: name, form: "map with " + keys, about: about,
            text: { configuration in
                let pairs = settings.map { "\($0.name): \($0.text(configuration))" }
                return "{" + pairs.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .mapping(let entries) = node.content else {
                    throw ValueError(expected: "a map with \(keys)")
                }
                var seen: Set<String> = []
                for entry in entries {
                    guard let setting = settings.first(where: { $0.name == entry.key }),
                        seen.insert(entry.key).inserted
                    else {
                        throw ValueError(
                            expected: "a map with \(keys), each once; `\(entry.key)` is too much")
                    }
                    do throws(ValueError) { try setting.read(entry.value, &configuration) } catch {
                        throw ValueError(expected: "`\(entry.key)` as \(error.expected)")
                    }
                }
            })
    }

    /// A count in a time span, such as `5 in 60s`.
    static func repeats(
        _ name: String, _ path: Path<Repeats>, _ counts: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let spans = AgentBreakerSettings.Bounds.spanSeconds
        let expected =
            "`N in TIME` such as 5 in 60s, N from \(counts.lowerBound) to \(counts.upperBound), "
            + "TIME from \(spans.lowerBound)s to \(spans.upperBound)s: breakers stay on"
        return Setting(
            name: name, form: "\(counts.lowerBound) to \(counts.upperBound) in a time",
            about: about,
            text: { configuration in
                let value = configuration[keyPath: path]
                return "\(value.count) in \(value.span.components.seconds)s"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content else {
                    throw ValueError(expected: expected)
                }
                let words = scalar.text.split(separator: " ", omittingEmptySubsequences: false)
                guard words.count == 3, words[1] == "in",
                    let count = plainInteger(String(words[0])), counts.contains(count),
                    let span = secondsOf(String(words[2])), spans.contains(span)
                else { throw ValueError(expected: expected) }
                configuration[keyPath: path] = Repeats(count, in: .seconds(span))
            })
    }

    /// Does the same as `count` for a breaker that cannot be turned off.
    static func trip(
        _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ about: String
    ) -> Setting {
        let plain = count(name, path, range, about)
        return Setting(
            name: name, form: plain.form, about: about, text: plain.text,
            read: { (node, configuration) throws(ValueError) in
                do throws(ValueError) { try plain.read(node, &configuration) } catch {
                    throw ValueError(expected: error.expected + ": breakers stay on")
                }
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
        return Setting(
            name: name, form: bounds, about: about, text: { written($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let percent = percents.first(where: {
                        written($0) == scalar.text || written($0) + "0" == scalar.text
                    })
                else {
                    throw ValueError(
                        expected: "a share from \(bounds) in hundredths: breakers stay on")
                }
                configuration[keyPath: path] = percent
            })
    }

    /// Tools that agents poll until something changes, such as `{deploy.status: 200}`.
    static func polls(
        _ name: String, _ path: Path<[ToolAddress: Int]>, _ about: String
    ) -> Setting {
        let range = AgentBreakerSettings.Bounds.sameRead
        let expected =
            "tools with a number from \(range.lowerBound) to \(range.upperBound), "
            + "such as {deploy.status: 200}"
        return Setting(
            name: name, form: "tools with \(range.lowerBound) to \(range.upperBound)",
            about: about,
            text: { configuration in
                let pairs = configuration[keyPath: path].sorted { $0.key < $1.key }
                    .map { "\($0.key): \($0.value)" }
                return "{" + pairs.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .mapping(let entries) = node.content else {
                    throw ValueError(expected: expected)
                }
                var polls: [ToolAddress: Int] = [:]
                for entry in entries {
                    guard let tool = ToolAddress(dotted: entry.key),
                        case .scalar(let scalar) = entry.value.content,
                        let count = plainInteger(scalar.text), range.contains(count),
                        polls.updateValue(count, forKey: tool) == nil
                    else { throw ValueError(expected: expected) }
                }
                configuration[keyPath: path] = polls
            })
    }

    /// A list of tools, such as `[crm.send]`.
    static func tools(
        _ name: String, _ path: Path<Set<ToolAddress>>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "list of tools", about: about,
            text: {
                "[" + $0[keyPath: path].sorted().map(\.description).joined(separator: ", ") + "]"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .sequence(let nodes) = node.content else {
                    throw ValueError(expected: "a list of tools, such as [crm.send]")
                }
                var tools: Set<ToolAddress> = []
                for node in nodes {
                    guard case .scalar(let scalar) = node.content,
                        let tool = ToolAddress(dotted: scalar.text)
                    else { throw ValueError(expected: "a list of tools, such as [crm.send]") }
                    tools.insert(tool)
                }
                configuration[keyPath: path] = tools
            })
    }
}
