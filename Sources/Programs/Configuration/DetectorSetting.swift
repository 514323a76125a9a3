import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockMonitoring
import InterlockPolicy

/// `detectors`: the settings of the detectors of agents' activity, within fixed bounds.
enum DetectorSetting {
    static let about =
        "what is noticed of agents; none of it can be switched off: `annotate` is recorded, `alert` is also sent"

    private static let stayOn = "; detectors stay on"

    static let all: [Setting] =
        [
            .count(
                "alarms_per_week", \.detectors.detectors.alarmsPerWeek,
                DetectorSettings.alarmsPerWeekBounds,
                "learned alarms of an agent in a week that are sent one by one; further ones are grouped"
            ).held(stayOn),
            .fraction(
                "fdr", \.detectors.detectors.falseShare, DetectorSettings.falseShareBounds,
                "of what counts as an alarm, the share that may be false"
            ).held(stayOn),
            .count(
                "cold_start", \.detectors.detectors.coldStart, DetectorSettings.coldStartBounds,
                "quiet windows before a series of an agent may alarm"
            ).held(stayOn),
            .duration(
                "run_length", \.detectors.longRun, 60...604_800,
                "a run is long from here on, or from what 99 of 100 of the agent's runs stay within"
            ).held(stayOn),
            .recipients(
                "recipients", \.detectors.recipients,
                "where a tool's arguments name who is written to: different ones of an hour are noticed, and a person approves the first call to a new one"
            ),
        ] + WatchedSignal.allCases.map(signal)

    private static func signal(_ signal: WatchedSignal) -> Setting {
        Setting(
            name: signal.rawValue,
            form: SignalSwitch.allCases.map(\.rawValue).joined(separator: ", "),
            about: meaning(of: signal),
            text: {
                ($0.detectors.told.contains(signal) ? SignalSwitch.alert : .annotate).rawValue
            },
            read: { (node, configuration) throws(Setting.ValueError) in
                switch node.scalarText.flatMap({ SignalSwitch(rawValue: $0) }) {
                case .alert: configuration.detectors.told.insert(signal)
                case .annotate: configuration.detectors.told.remove(signal)
                case nil: throw Setting.ValueError(expected: "annotate or alert" + stayOn)
                }
            })
    }

    private static func meaning(of signal: WatchedSignal) -> String {
        switch signal {
        case .firstServer: "an agent uses a server for the first time"
        case .firstTool: "an agent uses a tool of a known server for the first time"
        case .firstShape: "a tool's arguments have keys or types that they never had"
        case .firstHost: "arguments or a connection name a host for the first time"
        case .firstRecipient: "arguments name a recipient for the first time, see `recipients`"
        case .outsideHours: "an agent acts, or tries to, more than an hour outside its hours"
        case .longRun: "a run is open for unusually long, see `run_length`"
        case .twoWorkloads: "a token is used from a second place, which is refused"
        }
    }
}
