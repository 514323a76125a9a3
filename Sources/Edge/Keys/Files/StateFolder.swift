/// The folder that holds keys, log and orders of one deployment.
package enum StateFolder {
    /// - Throws: `missing`, or `exposed` when other users may enter or change it.
    package static func check(_ path: String) throws(KeyFailure) {
        try GuardedFile.checkFolder(path)
    }

    /// Makes it with mode 0700; durable on return.
    package static func create(_ path: String) throws(KeyFailure) {
        try GuardedFile.makeFolder(path)
    }
}
