package import InterlockModel
package import InterlockPorts

/// What the local socket needs to show and change whom this node believes.
package struct Witnessing: Sendable {
    package let desk: WitnessDesk
    let store: any TrustStore
    let hashing: any Hashing

    package init(desk: WitnessDesk, store: any TrustStore, hashing: any Hashing) {
        self.desk = desk
        self.store = store
        self.hashing = hashing
    }
}
