// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <string>
#include <vector>

#include "plugin/plugin.h"

namespace fileage {

/// How long ago a file was changed.
///
/// Errors   absent, denied: what stat(2) said, with the path
vital::Result<vital::Span> age_of(const std::string& path, vital::Time now) noexcept {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return vital::Error::system(path);
  return now - vital::time_of(file.st_mtim);
}

/// Reports the age of each file; one that is not there has no value, and the others go on.
class FileAgeReader final : public vital::Reader {
 public:
  explicit FileAgeReader(vital::Setup& setup) {
    for (const std::string& path : setup.options().texts("File"))
      files_.push_back({path, setup.declare({.type = "duration", .type_instance = path})});
  }

  vital::Status read(vital::Batch& batch) noexcept override {
    vital::Status outcome;
    for (const File& file : files_) {
      const auto age = age_of(file.path, batch.time());
      const auto status = age ? batch.add(file.series, vital::seconds(*age)) : age.error();
      if (!status) outcome = status;
    }
    return outcome;
  }

 private:
  struct File {
    std::string path;
    vital::Series series;
  };
  std::vector<File> files_;
};

}  // namespace fileage

extern "C" void vital_register(vital::Registry& registry) {
  registry.blocking_reader<fileage::FileAgeReader>("fileage", "How long ago files were changed.")
      .reports("fileage/duration-PATH", "seconds since the file was last changed")
      .option("File", vital::Texts{}, "A file to look at.")
      .called("PATH [PATH ...]")
      .arguments(1, vital::Declaration::kAny)
      .repeatable()
      .required();
}
