package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// What a person signs for.
    package func elevation(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = ElevationID(call["elevation"]), let request = elevations[id] else {
            throw Problem(ElevationRefusal.noSuchElevation)
        }
        return ["order": request.order.json]
    }
}
