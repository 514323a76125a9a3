import CClusterSchema
package import InterlockModel

/// A step of the schema of the store, as it is part of this program. A released step is never changed.
package struct SchemaStep: Hashable, Sendable {
    /// The position, from 1.
    package let number: Int
    package let name: String
    /// SQL without a transaction of its own.
    package let text: [UInt8]
    package let digest: Digest

    package init(number: Int, name: String, text: [UInt8], hashing: some Hashing) {
        self.number = number
        self.name = name
        self.text = text
        digest = hashing.sha256(text)
    }
}

/// The schema `il` and its API as this program knows it.
package enum ClusterSchema {
    /// The version of the functions that this program calls: the schema `il_v<version>`.
    package static let version = Int(INTERLOCK_CLUSTER_API)

    /// The roles, which a superuser of the database makes once.
    package static var roles: [UInt8] {
        var count = 0
        guard let text = unsafe interlock_cluster_roles(&count) else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: text, count: count))
    }

    /// The steps in their order.
    package static func steps(hashing: some Hashing) -> [SchemaStep] {
        var steps: [SchemaStep] = []
        for number in 0..<interlock_cluster_steps() {
            var count = 0
            guard let name = unsafe interlock_cluster_step_name(number + 1),
                let text = unsafe interlock_cluster_step(number + 1, &count)
            else { break }
            let bytes = unsafe Array(UnsafeBufferPointer(start: text, count: count))
            steps.append(
                SchemaStep(
                    number: Int(number) + 1, name: unsafe String(cString: name), text: bytes,
                    hashing: hashing))
        }
        return steps
    }
}
