import InterlockHooks
import InterlockModel

/// The way from the hook to the gateway: the file that names it, its answer, and the events that it got.
enum GatewayChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        [endpoint(facts), gateway(facts), lastEvent(facts), logKey(facts)]
    }

    private static func endpoint(_ facts: DoctorFacts) -> DoctorCheck {
        let file = facts.endpoint
        func failed(_ cause: String) -> DoctorCheck {
            DoctorCheck(.endpoint, file.path, .failed, cause, help: facts.installHelp)
        }
        let bytes: [UInt8]
        switch file.content {
        case .absent: return failed("does not exist, so that the hook refuses every call")
        case .unreadable(let reason):
            return failed("cannot be read, so that the hook refuses every call: \(reason)")
        case .bytes(let found): bytes = found
        }
        if let weakness = file.weakness(isRootMapped: facts.user.isRootMapped) {
            return failed(weakness)
        }
        do throws(FormError) {
            _ = try HookEndpoint(parsing: bytes)
            return DoctorCheck(
                .endpoint, file.path, .enforced(at: .hook),
                "names the gateway, and only root can change it")
        } catch { return failed("\(error), so that the hook refuses every call") }
    }

    private static func gateway(_ facts: DoctorFacts) -> DoctorCheck {
        func check(_ verdict: DoctorVerdict, _ cause: String, _ help: String? = nil) -> DoctorCheck
        { DoctorCheck(.gateway, nil, verdict, cause, help: help) }
        switch facts.gateway {
        case .notAsked: return check(.unknown, "no address to ask")
        case .failed(let reason):
            return check(
                .failed, "does not answer, so that the hook refuses every call: \(reason)",
                "interlock serve --dir DIR")
        case .answers(let owner?) where owner == facts.user.id:
            return check(
                .guidance, "answers, and runs as this user, who can change its policy and keys",
                "interlock init --system")
        case .answers: return check(.enforced(at: .gateway), "answers, and runs as another user")
        }
    }

    private static func logKey(_ facts: DoctorFacts) -> DoctorCheck {
        func check(_ verdict: DoctorVerdict, _ cause: String, _ help: String? = nil) -> DoctorCheck
        { DoctorCheck(.logKey, nil, verdict, cause, help: help) }
        let help = "interlock signer --help"
        switch facts.logKey {
        case .notAsked:
            return check(.guidance, "not read: no deployment that this user can read was named")
        case .failed(let reason): return check(.unknown, "cannot be read: \(reason)")
        case .gateway:
            return check(
                .guidance, "held by the gateway, whose user can sign another history of the log",
                help)
        case .signer(_, _, wasTreeDamaged: true):
            return check(
                .guidance,
                "held by a signer whose `signed.tree` had a damaged slot when it started",
                "look at the disk of its folder, and at its log")
        case .signer(let owner, let gateway, _) where owner == gateway:
            return check(
                .guidance, "held by a signer of the gateway's own user, who can read the key", help)
        case .signer:
            return check(
                .enforced(at: .signer),
                "held by a signer that runs as another user than the gateway")
        }
    }

    /// The time after which a host in use is suspected of running without hooks.
    private static let quiet = Duration.seconds(24 * 3600)

    private static func lastEvent(_ facts: DoctorFacts) -> DoctorCheck {
        func check(_ verdict: DoctorVerdict, _ cause: String, _ help: String? = nil) -> DoctorCheck
        { DoctorCheck(.lastEvent, nil, verdict, cause, help: help) }
        switch facts.lastEvent {
        case .notAsked:
            return check(
                .guidance, "not read: no deployment that this user can read was named",
                "interlock audit query --type hook.session")
        case .failed(let reason): return check(.unknown, "cannot be read: \(reason)")
        case .none:
            return check(
                .guidance, "no event of this host is in the log: run it once, and check again")
        case .before(let time) where time > quiet:
            return check(
                .guidance, "more than 24 hours ago; if the host was used since, its hooks are gone")
        case .before(let time):
            return check(.enforced(at: .gateway), "\(time.components.seconds) s ago")
        }
    }
}
