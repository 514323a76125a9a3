import InterlockAdministration
import InterlockKeys
import InterlockModel
import InterlockZones

/// The drills of a node, as `interlock.yaml` says.
struct DrillSetup {
    /// - Throws: exit 65 when the zone of `drill.at` does not exist.
    static func schedule(_ deployment: Deployment) throws(Failure) -> DrillService.Schedule {
        let settings = deployment.configuration.drill
        guard let rules = SystemZones().rules(for: settings.at.zone) else {
            throw Failure(.data, "drill.at: there is no time zone `\(settings.at.zone)`")
        }
        return DrillService.Schedule(isAuto: settings.auto, at: settings.at, rules: rules)
    }
}
