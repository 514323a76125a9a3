package import InterlockModel
package import InterlockPolicy

/// From the bytes of `approvals/<server>.yaml` to its templates.
package enum TemplateReader {
    /// - Parameter file: as findings name it.
    package static func read(
        _ bytes: [UInt8], of server: ServerName, file: String
    ) -> ReviewTemplates {
        let reading = readYAML(bytes, file: file)
        return ReviewTemplates(
            reading.root, of: server, file: file, earlier: reading.findings)
    }
}
