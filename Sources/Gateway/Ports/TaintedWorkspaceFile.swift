/// The file in which a node keeps the workspaces that runs with untrusted content wrote to.
package protocol TaintedWorkspaceFile: Sendable {
    /// Returns the bytes that were written last; nil if none ever were. At most 16 MiB.
    func read() throws(StoreFailure) -> [UInt8]?

    /// Replaces the content; durable on return. After a failure it is the old or the new one.
    func write(_ bytes: [UInt8]) throws(StoreFailure)
}
