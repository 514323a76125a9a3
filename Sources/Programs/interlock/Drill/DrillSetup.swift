import InterlockAdministration
import InterlockKeys
import InterlockModel
import InterlockZones

/// The drills of a node, as configured in `interlock.yaml`.
struct DrillSetup {
    /// - Throws: exit 65 if the time zone of `drill.at` does not exist.
    static func schedule(_ deployment: Deployment) throws(Failure) -> DrillService.Schedule {
        let settings = deployment.configuration.drill
        guard let rules = SystemZones().rules(for: settings.at.zone) else {
            throw Failure(.data, "drill.at: there is no time zone `\(settings.at.zone)`")
        }
        return DrillService.Schedule(isAuto: settings.auto, at: settings.at, rules: rules)
    }
}
