package import InterlockModel

extension StrictFields {
    package func stage(_ key: String) throws(FormError) -> AutonomyStage {
        guard let stage = AutonomyStage(rawValue: Int(try integer(key, in: 0...3))) else {
            throw bad(key, "a stage, 0 to 3")
        }
        return stage
    }
}
