"""A survey is a file: its passbands, depths, noise, cadence, detections and selection.

`docs/howto/survey_file.md` describes every key. `known/` holds the surveys that come
with the package, each with the source of its numbers.
"""

from zoo.datasets.survey_files.keys import QUANTILES as QUANTILES
from zoo.datasets.survey_files.keys import SCORES as SCORES
from zoo.datasets.survey_files.read import SurveyFile as SurveyFile
from zoo.datasets.survey_files.read import check_name as check_name
from zoo.datasets.survey_files.read import read_survey as read_survey
from zoo.datasets.survey_files.toml import to_toml as to_toml
