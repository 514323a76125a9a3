/// The folders of a host that the sandbox covers as a whole, wherever it runs.
package enum CoveredFolders {
    package static let common = [
        "/root", "/home", "/run", "/var/run", "/var/spool", "/var/mail", "/var/log",
    ]
}
