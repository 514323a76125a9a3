/// The parts of a registered value that are in a text.
package struct ValuePart: Sendable, Hashable {
    /// A keyed hash of the value, the same as long as the key is.
    package let value: UInt64
    /// The parts of the value, of at most 64, that are in the text; the lowest bit is the first part.
    package let parts: UInt64
    /// The parts that can be recognised.
    package let known: UInt64
    /// The canary whose value it is; nil for a value of the broker.
    package let planted: PlantedValueName?

    package init(value: UInt64, parts: UInt64, known: UInt64, planted: PlantedValueName? = nil) {
        (self.value, self.parts, self.known, self.planted) = (value, parts, known, planted)
    }

    /// Returns true if the parts are half of the value or more, as far as it can be recognised.
    package func isHalf(with parts: UInt64) -> Bool {
        known != 0 && 2 * (parts & known).nonzeroBitCount >= known.nonzeroBitCount
    }
}
