package import InterlockModel
package import InterlockPolicy

/// Reads review templates from the bytes of `approvals/<server>.yaml`.
package enum TemplateReader {
    /// - Parameter file: the name that findings use.
    package static func read(
        _ bytes: [UInt8], of server: ServerName, file: String
    ) -> ReviewTemplates {
        let reading = readYAML(bytes, file: file)
        return ReviewTemplates(reading.root, of: server, file: file, earlier: reading.findings)
    }
}
