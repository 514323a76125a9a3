package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns the order of an elevation, which an approver signs.
    package func elevation(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = ElevationID(call["elevation"]), let request = elevations[id] else {
            throw Problem(ElevationRefusal.noSuchElevation)
        }
        return ["order": request.order.json]
    }
}
