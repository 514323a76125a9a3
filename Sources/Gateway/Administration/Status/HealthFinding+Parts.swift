import InterlockAlerts
import InterlockModel
import InterlockNotification
import InterlockPolicyReview
import InterlockPorts

extension HealthFinding {
    /// The policy works as well as its signatures and its files agree: one that only its author signed, or whose files
    /// were refused at the last reload, needs a person.
    ///
    /// - Parameter reload: nil unless the last reload was refused.
    init(
        isFounding: Bool, isSignedAlone: Bool, reload: RevisionRefusal?, at now: BootTime
    ) {
        if isFounding {
            self.init(
                state: .attention, words: "no revision was ever signed off",
                remedy: "Sign it on the page Policy, or with `interlock policy diff --sign`.",
                seen: now)
            return
        }
        var state = isSignedAlone ? HealthCheck.State.attention : .working
        var words = isSignedAlone ? "signed off by its author alone" : "signed off"
        var remedy = isSignedAlone ? Self.signedAlone : nil
        switch reload {
        case nil: break
        // The policy in force is as good as before; who may sign has the revision in the inbox.
        case .signOff: words += "; a revision on disk waits for signatures"
        case .some:
            state = .attention
            words += "; the last reload was refused, and the policy before it stays"
            remedy = Self.reloadRefused
        }
        self.init(state: state, words: words, remedy: remedy, seen: now)
    }

    static let signedAlone = "Have another person sign the next revision on the page Policy."
    static let reloadRefused = "The page Policy has the reason. Correct the files."

    init(drills: DrillStatus?, at now: BootTime) {
        let (state, words): (HealthCheck.State, String) =
            switch drills?.word {
            case nil: (.notSetUp, "drills are not run here")
            case .overdue where drills?.lastPass == nil: (.attention, "no drill was ever passed")
            case .overdue: (.attention, "a drill is overdue")
            case .failed: (.attention, "the last drill failed")
            case .declared: (.attention, "a drill is declared, and no report proves it")
            case .dueSoon: (.attention, "a drill is due soon")
            case .some(.none): (.notSetUp, "the policy asks for no drill")
            case .fine: (.working, "rehearsed in time")
            }
        let remedy: String? =
            switch state {
            case .attention: "Run one with `interlock drill run`, and sign its report."
            case .notSetUp:
                "Set `kill_switch: {drill_every: 31d}` in the policy: an unrehearsed switch is not known to work."
            case .working, .problem, .unknown: nil
            }
        self.init(state: state, words: words, remedy: remedy, seen: now)
    }

    /// A channel that has delivered nothing since the start is not known to work.
    init(channels: [ChannelStatus], at now: BootTime) {
        let failing = channels.filter { $0.problem != nil }
        let silent = channels.filter { $0.problem == nil && $0.delivered == 0 }
        let count = channels.count
        if channels.isEmpty {
            self.init(
                state: .attention, words: "no channel: alerts are in the console alone",
                remedy: "Name channels in `alerts.channels` of interlock.yaml.", seen: now)
        } else if let first = failing.first {
            self.init(
                state: .attention,
                words: "\(failing.count) of \(count) channels fail: \(first.channel.text)",
                remedy:
                    "The page Alerts has the reason; `interlock alerts test` tries each channel.",
                seen: now)
        } else if let first = silent.first {
            self.init(
                state: .unknown,
                words:
                    "\(silent.count) of \(count) channels have delivered nothing since the start: \(first.channel.text)",
                remedy: "`interlock alerts test` tries each channel.", seen: now)
        } else {
            self.init(
                state: .working, words: "\(count) of \(count) channels deliver", seen: now)
        }
    }

    /// The distance from which a step, or all steps of an hour together, need a person.
    static let longestStep = Duration.seconds(60)

    /// - Parameters:
    ///   - clock: nil before the first look.
    ///   - earlier: the steps of before the start.
    init(_ clock: ClockStepDetector?, earlier: [ClockStepDetector.Step], at now: BootTime) {
        let steps = (earlier + (clock?.steps ?? [])).filter {
            now - $0.at <= ClockStepDetector.memory
        }
        let sum = steps.reduce(Duration.zero) { $0 + $1.distance }
        let most = steps.max {
            $0.distance.microseconds.magnitude < $1.distance.microseconds.magnitude
        }
        let limit = Self.longestStep.microseconds.magnitude
        if let most, most.distance.microseconds.magnitude > limit {
            self.init(
                state: .attention,
                words:
                    "the wall clock was set by \(Self.seconds(most.distance)), \((now - most.at).components.seconds / 60) min ago",
                remedy: Self.timeService, seen: clock?.looked ?? now)
        } else if sum.microseconds.magnitude > limit {
            self.init(
                state: .attention,
                words:
                    "the wall clock moved by \(Self.seconds(sum)) in \(steps.count) steps in the last hour",
                remedy: Self.timeService, seen: clock?.looked ?? now)
        } else {
            let found =
                most.map {
                    "\(steps.count) steps in the last hour, at most \(Self.seconds($0.distance))"
                }
                ?? "no step in the last hour"
            let moved = clock.map {
                "; \(Self.seconds($0.distance)) from the boot clock since the start"
            }
            self.init(state: .working, words: found + (moved ?? ""), seen: clock?.looked)
        }
    }

    private static let timeService =
        "Check the machine's time service (`timedatectl`): deadlines, temporary access and records follow the wall clock."

    /// "+61.5 s"; nothing is rounded to zero.
    private static func seconds(_ duration: Duration) -> String {
        let tenths = (duration.microseconds.magnitude + 50_000) / 100_000
        return (duration < .zero ? "-" : "+") + "\(tenths / 10).\(tenths % 10) s"
    }
}
