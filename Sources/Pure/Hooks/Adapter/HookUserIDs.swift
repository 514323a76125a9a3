/// The user ids of a user namespace, from `/proc/self/uid_map`: lines of the first id inside, the first id outside and
/// their count.
package enum HookUserIDs {
    /// Returns whether root has an id in the namespace. A map that cannot be read counts as one that maps root, so that
    /// the stricter rule holds.
    package static func mapRoot(_ map: [UInt8]) -> Bool {
        let lines = map.split(separator: UInt8(ascii: "\n"))
        for line in lines {
            let numbers = line.split(separator: UInt8(ascii: " ")).map {
                UInt32(String(decoding: $0, as: UTF8.self))
            }
            guard numbers.count == 3, let inside = numbers[0], inside != 0, numbers[1] != nil,
                numbers[2] != nil
            else { return true }
        }
        return lines.isEmpty
    }
}
