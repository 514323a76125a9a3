/// The members and elements of one value that some keyword has evaluated (2020-12 core, section 11). A value's own
/// keywords and those applied in place share it; a failing branch contributes nothing.
struct Evaluated {
    let isTracking: Bool
    private var properties: Set<Int> = []
    private var items: Set<Int> = []
    private var hasAllProperties = false
    private var hasAllItems = false

    init(isTracking: Bool) { self.isTracking = isTracking }

    func hasProperty(_ place: Int) -> Bool { hasAllProperties || properties.contains(place) }
    func hasItem(_ place: Int) -> Bool { hasAllItems || items.contains(place) }

    mutating func addProperty(_ place: Int) { if isTracking { properties.insert(place) } }
    mutating func addItem(_ place: Int) { if isTracking { items.insert(place) } }
    mutating func addAllProperties() { hasAllProperties = true }
    mutating func addAllItems() { hasAllItems = true }

    /// The number of entries that `formUnion` with this value must process.
    var count: Int { properties.count + items.count }

    mutating func formUnion(_ other: Evaluated) {
        guard isTracking else { return }
        properties.formUnion(other.properties)
        items.formUnion(other.items)
        hasAllProperties = hasAllProperties || other.hasAllProperties
        hasAllItems = hasAllItems || other.hasAllItems
    }
}
