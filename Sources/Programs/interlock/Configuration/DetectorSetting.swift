import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockMonitoring
import InterlockPolicy

/// `detectors`: the settings of the detectors of agents' activity, within fixed bounds.
enum DetectorSetting {
    static let about =
        "what is noticed of agents; none of it can be switched off: `annotate` is on record, `alert` is told too"

    static let all: [Setting] =
        [
            held(
                .count(
                    "alarms_per_week", \.detectors.detectors.alarmsPerWeek,
                    DetectorSettings.alarmsPerWeekBounds,
                    "learned alarms of an agent in a week that are told one by one; further ones are one group"
                )),
            held(
                .fraction(
                    "fdr", \.detectors.detectors.falseShare, DetectorSettings.falseShareBounds,
                    "of what counts as an alarm, the share that may be false")),
            held(
                .count(
                    "cold_start", \.detectors.detectors.coldStart,
                    DetectorSettings.coldStartBounds,
                    "quiet windows before a series of an agent may alarm")),
            held(
                .duration(
                    "run_length", \.detectors.longRun, 60...604_800,
                    "a run is long from here on, or from what 99 of 100 of the agent's runs stay within"
                )),
            .recipients(
                "recipients", \.detectors.recipients,
                "where a tool's arguments name who is written to: different ones of an hour, and new ones, are noticed"
            ),
        ] + WatchedSignal.allCases.map(signal)

    private static func signal(_ signal: WatchedSignal) -> Setting {
        Setting(
            name: signal.rawValue,
            form: SignalSwitch.allCases.map(\.rawValue).joined(separator: ", "),
            about: meaning(of: signal),
            text: { configuration in
                let isTold = configuration.detectors.told.contains(signal)
                return (isTold ? SignalSwitch.alert : .annotate).rawValue
            },
            read: { (node, configuration) throws(Setting.ValueError) in
                guard case .scalar(let scalar) = node.content,
                    let word = SignalSwitch(rawValue: scalar.text)
                else { throw Setting.ValueError(expected: "annotate or alert; detectors stay on") }
                switch word {
                case .alert: configuration.detectors.told.insert(signal)
                case .annotate: configuration.detectors.told.remove(signal)
                }
            })
    }

    private static func meaning(of signal: WatchedSignal) -> String {
        switch signal {
        case .firstServer: "an agent uses a server for the first time"
        case .firstTool: "an agent uses a tool of a known server for the first time"
        case .firstShape: "a tool's arguments have keys or types that they never had"
        case .firstHost: "arguments name a host for the first time"
        case .firstRecipient: "arguments name a recipient for the first time, see `recipients`"
        case .outsideHours: "an agent acts, or tries to, more than an hour outside its hours"
        case .longRun: "a run goes on for unusually long, see `run_length`"
        case .twoWorkloads: "a token is used from a second place, which is refused"
        }
    }

    /// Returns the same setting with an error that says that detectors stay on.
    private static func held(_ setting: Setting) -> Setting {
        Setting(
            name: setting.name, form: setting.form, about: setting.about, text: setting.text,
            read: { (node, configuration) throws(Setting.ValueError) in
                do throws(Setting.ValueError) { try setting.read(node, &configuration) } catch {
                    throw Setting.ValueError(expected: "\(error.expected); detectors stay on")
                }
            })
    }
}

extension Setting {
    /// A number in digits with an optional point: no exponent, no `nan`.
    fileprivate static func fraction(
        _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ about: String
    ) -> Setting {
        Setting(
            name: name, form: "\(range.lowerBound) to \(range.upperBound)", about: about,
            text: { String($0[keyPath: path]) },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, scalar.text.utf8.count <= 10,
                    scalar.text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
                    let value = Double(scalar.text), range.contains(value)
                else {
                    throw ValueError(
                        expected: "a number from \(range.lowerBound) to \(range.upperBound)")
                }
                configuration[keyPath: path] = value
            })
    }

    /// `{crm.send_email: args.to}`
    fileprivate static func recipients(
        _ name: String, _ path: Path<[ToolAddress: [String]]>, _ about: String
    ) -> Setting {
        let expected = "a map of tools to fields of their arguments, such as {crm.send: args.to}"
        return Setting(
            name: name, form: "`{SERVER.TOOL: args.FIELD}`", about: about,
            text: { configuration in
                let pairs = configuration[keyPath: path].sorted { $0.key < $1.key }
                return "{"
                    + pairs.map { tool, names in
                        "\(tool): \((["args"] + names).joined(separator: "."))"
                    }.joined(separator: ", ") + "}"
            },
            read: { (node, configuration) throws(ValueError) in
                guard case .mapping(let entries) = node.content, entries.count <= 1_000 else {
                    throw ValueError(expected: expected)
                }
                var fields: [ToolAddress: [String]] = [:]
                for entry in entries {
                    guard let dot = entry.key.firstIndex(of: "."),
                        let server = ServerName(String(entry.key[..<dot])),
                        let tool = ToolName(String(entry.key[entry.key.index(after: dot)...])),
                        case .scalar(let scalar) = entry.value.content
                    else { throw ValueError(expected: expected) }
                    let names = scalar.text.split(separator: ".", omittingEmptySubsequences: false)
                    guard names.count > 1, names[0] == "args", names.allSatisfy({ !$0.isEmpty }),
                        fields.updateValue(
                            names.dropFirst().map(String.init),
                            forKey: ToolAddress(server: server, tool: tool)) == nil
                    else { throw ValueError(expected: expected) }
                }
                configuration[keyPath: path] = fields
            })
    }
}
