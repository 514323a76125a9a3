/// The folder that holds keys, log and orders of one deployment.
package enum StateFolder {
    /// - Throws: `missing`, or `exposed` if other users may enter or change the folder.
    package static func check(_ path: String) throws(KeyFailure) {
        try GuardedFile.checkFolder(path)
    }

    /// Creates the folder with mode 0700; durable on return.
    package static func create(_ path: String) throws(KeyFailure) {
        try GuardedFile.makeFolder(path)
    }
}
